package hashers_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/hashers/hasherstest"
)

func TestRows(t *testing.T) {
	t.Parallel()
	rows := map[string]func(*testing.T){
		"P01": rowSaltedDigests,
		"P02": rowUnsaltedDigests,
		"P03": rowCrypt,
		"P04": rowDefault,
		"P05": rowOrder,
		"P06": rowLists,
		"P07": rowBCryptFirst,
		"P08": rowForeignBCrypt,
		"P09": rowWorkFactor,
		"P11": rowUnknownAlgorithm,
		"P12": rowCheck,
		"P13": rowMake,
		"P14": rowUsable,
		"P16": rowSummary,
		"P17": rowAnyPassword,
		"G02": rowOneRunForUnusable,
		"G03": rowHarden,
		"G44": rowRandom,
	}
	for name, run := range rows {
		t.Run("row/"+name, func(t *testing.T) {
			t.Parallel()
			run(t)
		})
	}
}

func rowSaltedDigests(t *testing.T) {
	h := withList(hashers.SHA1{}, hashers.MD5{})
	identifiedAs(t, h, "sha1$a1976$a36cc8cbf81742a8fb52e221aaeab48ed7f58ab4", "sha1")
	checkIs(t, h, "new password", "sha1$a1976$5d4e093b083efdd435feb199c99a2909ac1252cc", true)
	checkIs(t, h, "lètmein", "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8", true)
	checkIs(t, h, "lètmein", "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3", true)
	checkIs(t, h, "lètmeinz", "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3", false)
	if got, want := mustMakeWith(t, h, "", "new password", "a1976"), "sha1$a1976$5d4e093b083efdd435feb199c99a2909ac1252cc"; got != want {
		t.Errorf("MakeWith = %q, want %q", got, want)
	}
}

func rowUnsaltedDigests(t *testing.T) {
	h := withList(hashers.MD5{}, hashers.SHA1{}, hashers.UnsaltedMD5{}, hashers.UnsaltedSHA1{})
	for _, c := range []struct{ password, encoded, algorithm string }{
		{"johnpassword", "530e1d17307fcea31ab6eb9609db1075", "unsalted_md5"},
		{"johnpassword", "md5$$530e1d17307fcea31ab6eb9609db1075", "unsalted_md5"},
		{"lètmein", "sha1$$6d138ca3ae545631b3abd71a4f076ce759c5700b", "unsalted_sha1"},
	} {
		identifiedAs(t, h, c.encoded, c.algorithm)
		upgrades(t, h, c.password, c.encoded, true)
		checkIs(t, h, c.password+"z", c.encoded, false)
	}
	checkIs(t, h, "lètmein", "6d138ca3ae545631b3abd71a4f076ce759c5700b", false) // SHA-1 needs its prefix
}

func rowCrypt(t *testing.T) {
	h := withList(hashers.Crypt{})
	checkIs(t, h, "lètmei", "crypt$$ab1Hv2Lg7ltQo", true)
	checkIs(t, h, "lètmeiz", "crypt$$ab1Hv2Lg7ltQo", false)
	if got, want := mustMakeWith(t, h, "crypt", "lètmei", "ab"), "crypt$$ab1Hv2Lg7ltQo"; got != want {
		t.Errorf("MakeWith = %q, want %q", got, want)
	}
}

func rowDefault(t *testing.T) {
	const prefix = "pbkdf2_sha256$1000000$"
	if got := mustMake(t, hashers.New(hashers.Config{}), "secret"); !strings.HasPrefix(got, prefix) {
		t.Errorf("Make = %q, want it to begin with %s", got, prefix)
	}
	// What Django 1.4 stored.
	old := mustMake(t, withList(hashers.PBKDF2SHA256{Iterations: 10_000}), "secret")
	if want := "pbkdf2_sha256$10000$"; !strings.HasPrefix(old, want) {
		t.Errorf("Make = %q, want it to begin with %s", old, want)
	}
	upgrades(t, hashers.New(hashers.Config{List: hashers.Django14()}), "secret", old, true)
}

func rowOrder(t *testing.T) {
	list := cheapList()[:5]
	for i := range list {
		order := append(slices.Clone(list[i:]), list[:i]...)
		h := withList(order...)
		if got := mustMake(t, h, "secret"); !strings.HasPrefix(got, order[0].Algorithm()+"$") {
			t.Errorf("Make = %q, want a hash of the first hasher, %s", got, order[0].Algorithm())
		}
		for j, one := range list {
			upgrades(t, h, "secret", mustMake(t, withList(one), "secret"), i != j)
		}
	}
}

func rowLists(t *testing.T) {
	names := func(list []hashers.Hasher) string {
		var names []string
		for _, h := range list {
			names = append(names, h.Algorithm())
		}
		return strings.Join(names, " ")
	}
	if got, want := names(hashers.Django52()), "pbkdf2_sha256 pbkdf2_sha1 argon2 bcrypt_sha256 scrypt"; got != want {
		t.Errorf("Django52() = %s, want %s", got, want)
	}
	if got, want := names(hashers.Django42()), "pbkdf2_sha256 pbkdf2_sha1 argon2 bcrypt_sha256 scrypt"; got != want {
		t.Errorf("Django42() = %s, want %s", got, want)
	}
	if got, want := names(hashers.Django32()), "pbkdf2_sha256 pbkdf2_sha1 argon2 bcrypt_sha256"; got != want {
		t.Errorf("Django32() = %s, want %s", got, want)
	}
	if got, want := names(hashers.Django14()), "pbkdf2_sha256 pbkdf2_sha1 bcrypt sha1 md5 crypt"; got != want {
		t.Errorf("Django14() = %s, want %s", got, want)
	}
	old, stored := hashers.New(hashers.Config{List: hashers.Django14()}), cheap()
	for _, h := range hashers.Django14() {
		checkIs(t, old, "secret", mustMakeWith(t, stored, h.Algorithm(), "secret", ""), true)
	}
}

func rowBCryptFirst(t *testing.T) {
	h := hashers.New(hashers.Config{List: []hashers.Hasher{hashers.BCrypt{}, hashers.PBKDF2SHA256{}}})
	if got := mustMake(t, h, "secret"); !strings.HasPrefix(got, "bcrypt$$2b$12$") {
		t.Errorf("Make = %q, want it to begin with bcrypt$$2b$12$", got)
	}
}

func rowForeignBCrypt(t *testing.T) {
	encoded := "bcrypt$" + "$2a$12$NT0I31Sa7ihGEWpka9ASYrEFkhuTNeBQ2xfZskIiiJeyFXhRgS.Sy"
	identifiedAs(t, withList(hashers.BCrypt{}), encoded, "bcrypt")
	if got := field(t, hashers.BCrypt{}, encoded, "work factor"); got != "12" {
		t.Errorf("work factor = %s, want 12", got)
	}
}

func rowWorkFactor(t *testing.T) {
	low, high := hashers.PBKDF2SHA256{Iterations: 100}, hashers.PBKDF2SHA256{Iterations: 100 * 3}
	old := mustMake(t, withList(low), "secret")
	made := mustMake(t, withList(high), "secret")
	if !strings.HasPrefix(made, "pbkdf2_sha256$300$") {
		t.Errorf("Make = %q, want 300 iterations", made)
	}
	upgrades(t, withList(high), "secret", old, true)
	upgrades(t, withList(high), "secret", made, false)
}

func rowUnknownAlgorithm(t *testing.T) {
	h := withList(hashers.PBKDF2SHA256{Iterations: 10})
	encoded := mustEncode(t, hashers.MD5{}, "secret", "seasalt")
	if result := checkIs(t, h, "secret", encoded, false); result.MustUpdate {
		t.Error("MustUpdate = true for an algorithm that is not in the list")
	}
	_, err := h.Identify(encoded)
	var unknown *hashers.UnknownAlgorithmError
	if !errors.As(err, &unknown) || unknown.Algorithm != "md5" || !strings.Contains(err.Error(), `"md5"`) {
		t.Errorf("Identify: error %v, want an UnknownAlgorithmError that names md5", err)
	}
}

func rowCheck(t *testing.T) {
	h := cheap()
	encoded := mustMake(t, h, "secret")
	checkIs(t, h, "secret", encoded, true)
	checkIs(t, h, "Secret", encoded, false)
	checkIs(t, h, encoded, "secret", false)
}

func rowMake(t *testing.T) {
	h := cheap()
	if a, b := mustMake(t, h, "secret"), mustMake(t, h, "secret"); a == b || !strings.HasPrefix(a, "pbkdf2_sha256$10$") {
		t.Errorf("Make = %q and %q, want two hashes of the first hasher", a, b)
	}
	if got, want := mustMakeWith(t, h, "md5", "secret", "seasalt"), mustEncode(t, hashers.MD5{}, "secret", "seasalt"); got != want {
		t.Errorf("MakeWith = %q, want %q", got, want)
	}
	if _, err := h.MakeWith(context.Background(), "", "secret", "sea$salt"); !errors.Is(err, hashers.ErrSalt) {
		t.Errorf("MakeWith a salt with $: error %v, want ErrSalt", err)
	}
	if hashers.IsUsable(hashers.Unusable()) {
		t.Error("Unusable() is usable")
	}
}

func rowUsable(t *testing.T) {
	for encoded, want := range map[string]bool{
		"!": false, "!abc": false, hashers.Unusable(): false, "": true, "gibberish": true, "a!": true,
	} {
		if got := hashers.IsUsable(encoded); got != want {
			t.Errorf("IsUsable(%q) = %v, want %v", encoded, got, want)
		}
	}
}

func rowSummary(t *testing.T) {
	want := map[string]string{
		"pbkdf2_sha256": "algorithm iterations salt hash",
		"pbkdf2_sha1":   "algorithm iterations salt hash",
		"argon2":        "algorithm variety version memory cost time cost parallelism salt hash",
		"bcrypt_sha256": "algorithm work factor salt checksum",
		"bcrypt":        "algorithm work factor salt checksum",
		"scrypt":        "algorithm work factor block size parallelism salt hash",
		"md5":           "algorithm salt hash",
		"sha1":          "algorithm salt hash",
		"unsalted_md5":  "algorithm hash",
		"unsalted_sha1": "algorithm hash",
		"crypt":         "algorithm salt hash",
	}
	h := cheap()
	for _, one := range cheapList() {
		encoded := mustMakeWith(t, h, one.Algorithm(), "secret", "")
		fields, err := h.Summary(encoded)
		if err != nil {
			t.Errorf("Summary(%q): %v", encoded, err)
			continue
		}
		var names []string
		for _, f := range fields {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); got != want[one.Algorithm()] {
			t.Errorf("Summary of %s has %q, want %q", one.Algorithm(), got, want[one.Algorithm()])
		}
		if last := fields[len(fields)-1].Value; strings.Trim(last[6:], "*") != "" {
			t.Errorf("Summary of %s shows %q, want six characters at most", one.Algorithm(), last)
		}
	}
	iterations := field(t, hashers.PBKDF2SHA256{}, "pbkdf2_sha256$10000$aaaaaaaaaaaaaaaaaaaaaa$yTSPLD3cjNbmhcl73KHm3S7ZdlgJRMdwCtExrlAsxYs=", "iterations")
	if iterations != "10000" {
		t.Errorf("iterations = %s, want 10000", iterations)
	}
}

func rowAnyPassword(t *testing.T) {
	// Not one that ends in NUL: to HMAC, and so to PBKDF2, "a" and "a\x00" are the same key.
	passwords := []string{strings.Repeat("ü", 1<<19), "a\x00b", "🔑 🗝", strings.Repeat("x", 73), "\xff\xfe"}
	for _, h := range []hashers.Hasher{hashers.PBKDF2SHA256{Iterations: 10}, hashers.BCryptSHA256{Cost: 4}} {
		for _, password := range passwords {
			encoded := mustMake(t, withList(h), password)
			checkIs(t, withList(h), password, encoded, true)
			checkIs(t, withList(h), password+"x", encoded, false)
			checkIs(t, withList(h), password[:len(password)-1], encoded, false)
		}
	}
	bcrypt := hashers.BCrypt{Cost: 4}
	for _, password := range []string{strings.Repeat("x", 73), "a\x00b"} {
		if _, err := bcrypt.Encode(password, ""); !errors.Is(err, hashers.ErrPassword) {
			t.Errorf("bcrypt.Encode(%q): error %v, want ErrPassword", password, err)
		}
	}
	// A hash that Django made of a longer password goes on to verify.
	full := strings.Repeat("x", 72)
	encoded := mustEncode(t, bcrypt, full, "")
	checkIs(t, withList(bcrypt), full+"yz", encoded, true)
	checkIs(t, withList(bcrypt), full[:71], encoded, false)
	if _, err := bcrypt.Verify("a\x00b", encoded); !errors.Is(err, hashers.ErrPassword) {
		t.Errorf("bcrypt.Verify of a NUL byte: error %v, want ErrPassword", err)
	}
}

func rowOneRunForUnusable(t *testing.T) {
	h, counted := counting(hashers.PBKDF2SHA256{Iterations: 10}, hashers.MD5{}, hashers.BCrypt{Cost: 4})
	good := mustMake(t, h, "secret")
	for name, encoded := range map[string]string{
		"wrong":              good,
		"unusable":           hashers.Unusable(),
		"bare mark":          "!",
		"mark before a hash": "!" + good,
		"empty":              "",
		"gibberish":          "gibberish",
		"unknown algorithm":  "lolcat$salt$hash",
		"raw SHA-1":          "6d138ca3ae545631b3abd71a4f076ce759c5700b",
		"truncated":          good[:30],
		"poisoned":           "pbkdf2_sha256$999999999$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=",
		"malformed other":    "md5$seasalt$xyz",
		"malformed bcrypt":   "bcrypt$$2b$31$F9zSWxTQGVm1u6Xc1mPJEemOz5AYY0tQh/3FIb9ZH3kSTPbxZIvvW",
	} {
		for _, password := range []string{"wrong", "", strings.Repeat("x", 100), "a\x00b"} {
			counted.Take()
			checkIs(t, h, password, encoded, false)
			if got := counted.Take(); got.Total() != 1 || got.Harden != 0 {
				t.Errorf("%s, %.10q: runs %+v, want one", name, password, got)
			}
		}
	}
	counted.Take()
	if err := h.Burn(context.Background(), "secret"); err != nil {
		t.Errorf("Burn: %v", err)
	}
	if got, want := counted.Take(), (hasherstest.Counts{Encode: 1}); got != want {
		t.Errorf("Burn: runs %+v, want %+v", got, want)
	}
	rowOneRunForRefused(t)
}

// rowOneRunForRefused shows the same when the preferred hasher refuses the password.
func rowOneRunForRefused(t *testing.T) {
	h, counted := counting(hashers.BCrypt{Cost: 4})
	good := mustMake(t, h, "secret")
	for _, password := range []string{strings.Repeat("x", 100), "a\x00b"} {
		for _, encoded := range []string{good, hashers.Unusable(), "gibberish", ""} {
			counted.Take()
			checkIs(t, h, password, encoded, false)
			if got := counted.Take(); got.Total() != 1 {
				t.Errorf("bcrypt, %.10q, %.10q: runs %+v, want one", password, encoded, got)
			}
		}
	}
}

func rowHarden(t *testing.T) {
	sum := func(runs []int, cost func(int) int) (total int) {
		for _, run := range runs {
			total += cost(run)
		}
		return total
	}
	pbkdf2, iterations := hashers.LoggedPBKDF2(1_000_000)
	stored := mustEncode(t, hashers.PBKDF2SHA256{Iterations: 1000}, "secret", "seasalt")
	checkIs(t, withList(pbkdf2), "wrong", stored, false)
	if runs := iterations(); !slices.Equal(runs, []int{1000, 999_000}) {
		t.Errorf("pbkdf2 ran iterations %v, want 1000 and the missing 999000", runs)
	}
	checkIs(t, withList(pbkdf2), "secret", stored, true)
	if runs := iterations(); !slices.Equal(runs, []int{1000}) {
		t.Errorf("pbkdf2 ran iterations %v for the right password, want 1000", runs)
	}

	bcrypt, costs := hashers.LoggedBCrypt(7)
	checkIs(t, withList(bcrypt), "wrong", mustEncode(t, hashers.BCrypt{Cost: 4}, "secret", ""), false)
	runs := costs()
	if total := sum(runs, func(cost int) int { return 1 << cost }); total != 1<<7 || len(runs) != 8 {
		t.Errorf("bcrypt ran the costs %v, want eight runs that come to cost 7", runs)
	}
	checkIs(t, withList(bcrypt), "wrong", mustEncode(t, hashers.BCrypt{Cost: 8}, "secret", ""), false)
	if runs := costs(); !slices.Equal(runs, []int{8}) {
		t.Errorf("bcrypt ran the costs %v for a higher one, want 8", runs)
	}

	for _, h := range cheapList() {
		_, hardens := h.(hashers.Hardener)
		name := h.Algorithm()
		if want := strings.HasPrefix(name, "pbkdf2") || strings.HasPrefix(name, "bcrypt"); hardens != want {
			t.Errorf("%s hardens: %v, want %v", name, hardens, want)
		}
	}
}
