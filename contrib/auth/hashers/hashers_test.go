package hashers_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/hashers/hasherstest"
)

func TestHashersConform(t *testing.T) {
	t.Parallel()
	for _, h := range cheapList() {
		t.Run(h.Algorithm(), func(t *testing.T) {
			t.Parallel()
			hasherstest.TestHasher(t, h)
		})
	}
}

func TestKnownAnswers(t *testing.T) {
	t.Parallel()
	cases := []struct{ password, encoded string }{
		// Argon2i of version 16, from the tests of the reference implementation.
		{"password", "argon2$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"},
		{"password", "argon2$argon2i$m=256,t=2,p=2$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs"},
		{"password", "argon2$argon2i$v=16$m=256,t=2,p=2$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs"},
		// The same of version 19.
		{"password", "argon2$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
		// DES crypt, from the C library; only eight bytes count, and only their lower seven bits.
		{"", "crypt$$abmF1QH4PEr.E"},
		{" ", "crypt$$ab3nfvqkpDCz6"},
		{"secret99", "crypt$$./hex1IPhXpus"},
		{"averylongpassword", "crypt$$ZzFQZd.Emfz1U"},
		{"averylon", "crypt$Zz$ZzFQZd.Emfz1U"},
		{"🔑🔑🔑", "crypt$$9.HyKg3km/ZCI"},
		{"x", "crypt$$zzXjar5EX/ECI"},
		{"U*U*U*U*", "crypt$$CCNf8Sbh3HDfQ"},
	}
	for _, c := range cases {
		checkIs(t, cheap(), c.password, c.encoded, true)
		checkIs(t, cheap(), "z"+c.password, c.encoded, false)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	const (
		pbkdf2 = "$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps="
		argon2 = "$c29tZXNhbHRzb21lc2FsdA$VdnYOKPZl4rRIy3QZHR/9g"
		bcrypt = "$F9zSWxTQGVm1u6Xc1mPJEemOz5AYY0tQh/3FIb9ZH3kSTPbxZIvvW"
		scrypt = "$D/tB561F0NOAPsgwGNKtDLkbVClwNWSuW2J9TT2E+SaOGe34y7/VQZhHn63u2tqLcRoRX2OuphX4Q0kjrN6uCQ=="
	)
	bad := map[string][]string{
		"pbkdf2_sha256": {
			"$0$salt" + pbkdf2, "$-1$salt" + pbkdf2, "$+1$salt" + pbkdf2, "$01$salt" + pbkdf2, "$1e3$salt" + pbkdf2,
			"$10000001$salt" + pbkdf2, "$1$" + pbkdf2, "$1$" + strings.Repeat("s", 129) + pbkdf2,
			"$1$salt$", "$1$salt$AAAA", "$1$salt" + pbkdf2[:44], "$1$salt" + pbkdf2 + "\n", "$1$salt" + pbkdf2 + "AAAA",
			"$1$salt" + pbkdf2[:20] + "\n" + pbkdf2[20:], "$1$" + strings.Repeat("s", 600) + pbkdf2,
		},
		"argon2": {
			"$argon2d$v=19$m=8,t=1,p=1" + argon2, "$argon2x$v=19$m=8,t=1,p=1" + argon2, "$argon2id$m=8,t=1,p=1" + argon2,
			"$argon2id$v=16$m=8,t=1,p=1" + argon2, "$argon2id$v=20$m=8,t=1,p=1" + argon2, "$argon2i$v=18$m=8,t=1,p=1" + argon2,
			"$argon2id$v=19$m=7,t=1,p=1" + argon2, "$argon2id$v=19$m=8,t=0,p=1" + argon2, "$argon2id$v=19$m=8,t=1,p=0" + argon2,
			"$argon2id$v=19$m=262145,t=1,p=1" + argon2, "$argon2id$v=19$m=8,t=17,p=1" + argon2, "$argon2id$v=19$m=8192,t=1,p=65" + argon2,
			"$argon2id$v=19$m=8,t=1,p=2" + argon2, "$argon2id$v=19$t=1,m=8,p=1" + argon2, "$argon2id$v=19$m=8,t=1" + argon2,
			"$argon2id$v=19$m=8,t=1,p=1,keyid=a" + argon2, "$argon2id$v=19$m=08,t=1,p=1" + argon2,
			"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$VdnYOKPZl4rRIy3QZHR/9g", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$VdnY",
			"$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ=$VdnYOKPZl4rRIy3QZHR/9g",
			"$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 88),
		},
		"bcrypt": {
			"$$2b$03" + bcrypt, "$$2b$17" + bcrypt, "$$2b$31" + bcrypt, "$$2b$4" + bcrypt + "x", "$$2b$004" + bcrypt[:53],
			"$$2x$04" + bcrypt, "$$2$04" + bcrypt + "x", "$x$2b$04" + bcrypt, "$$2b$04" + bcrypt[:53], "$$2b$04" + bcrypt + "x",
			"$$2b$04" + bcrypt[:30] + "!" + bcrypt[31:], "$$2b$04" + bcrypt[:30] + "\x00" + bcrypt[31:],
		},
		"scrypt": {
			"$1$s$1$1" + scrypt, "$3$s$1$1" + scrypt, "$0$s$1$1" + scrypt, "$2$s$0$1" + scrypt, "$2$s$1$0" + scrypt,
			"$2$s$65$1" + scrypt, "$2$s$1$65" + scrypt, "$4194304$s$8$1" + scrypt, "$262144$s$8$6" + scrypt,
			"$9223372036854775808$s$8$1" + scrypt, "$4611686018427387904$s$8$1" + scrypt, "$2$$1$1" + scrypt, "$2$s$1$1$AAAA",
		},
		"md5":   {"$s$", "$s$0123456789ABCDEF0123456789ABCDEF", "$s$0123456789abcdef", "$a$b$c"},
		"sha1":  {"$s$0123456789abcdef0123456789abcdef", "$s$g123456789abcdef0123456789abcdef01234567"},
		"crypt": {"$$", "$$ab1Hv2Lg7ltQ", "$$ab1Hv2Lg7ltQoo", "$$ab1Hv2Lg7ltQ\x80", "$xx$ab1Hv2Lg7ltQo", "$$$1$salt$qJH7.N4xYta3aEG/dfqo/0"},
	}
	h := hashers.New(hashers.Config{List: append(cheapList(), hashers.Django52()...)})
	for algorithm, endings := range bad {
		for _, ending := range endings {
			encoded := algorithm + ending
			hasher, err := h.Identify(encoded)
			if err != nil {
				t.Errorf("Identify(%q): %v", encoded, err)
				continue
			}
			if ok, err := hasher.Verify("secret", encoded); ok || !errors.Is(err, hashers.ErrMalformed) {
				t.Errorf("Verify(%q) = %v, %v, want ErrMalformed", encoded, ok, err)
			}
			if hasher.MustUpdate(encoded) {
				t.Errorf("MustUpdate(%q) = true, want false", encoded)
			}
			if _, err := h.Summary(encoded); !errors.Is(err, hashers.ErrMalformed) {
				t.Errorf("Summary(%q): error %v, want ErrMalformed", encoded, err)
			}
		}
	}
}

// A cost above the bounds is accepted when the hasher itself is configured with it.
func TestBoundsFollowTheHasher(t *testing.T) {
	t.Parallel()
	cases := []struct {
		usual, high hashers.Hasher
		encoded     string
	}{
		{hashers.PBKDF2SHA256{}, hashers.PBKDF2SHA256{Iterations: 20_000_000}, "pbkdf2_sha256$20000000$salt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps="},
		{hashers.Argon2{}, hashers.Argon2{Memory: 2 << 20}, "argon2$argon2id$v=19$m=2097152,t=2,p=8$c29tZXNhbHQ$VdnYOKPZl4rRIy3QZHR/9g"},
		{hashers.BCrypt{}, hashers.BCrypt{Cost: 18}, "bcrypt$$2b$18$F9zSWxTQGVm1u6Xc1mPJEemOz5AYY0tQh/3FIb9ZH3kSTPbxZIvvW"},
		{hashers.Scrypt{}, hashers.Scrypt{N: 1 << 20}, "scrypt$1048576$s$8$5$D/tB561F0NOAPsgwGNKtDLkbVClwNWSuW2J9TT2E+SaOGe34y7/VQZhHn63u2tqLcRoRX2OuphX4Q0kjrN6uCQ=="},
	}
	for _, c := range cases {
		if _, err := withList(c.usual).Summary(c.encoded); !errors.Is(err, hashers.ErrMalformed) {
			t.Errorf("%s: error %v above the bounds, want ErrMalformed", c.usual.Algorithm(), err)
		}
		if _, err := withList(c.high).Summary(c.encoded); err != nil {
			t.Errorf("%s: %v for a hash of its own cost", c.high.Algorithm(), err)
		}
	}
}

func TestArgon2Length(t *testing.T) {
	t.Parallel()
	cheap := hashers.Argon2{Memory: 8, Time: 1, Threads: 1}
	of := func(length int) hashers.Argon2 { h := cheap; h.Length = length; return h }
	salt := strings.Repeat("s", 22)
	for _, c := range []struct {
		made, own int
		want      bool
	}{
		{0, 0, false}, {16, 0, false}, {32, 0, false}, {24, 0, true}, {48, 0, true},
		{16, 16, false}, {32, 16, true}, {0, 16, true}, {16, 32, true}, {0, 32, false},
	} {
		encoded := mustEncode(t, of(c.made), "secret", salt)
		if got := of(c.own).MustUpdate(encoded); got != c.want {
			t.Errorf("MustUpdate with Length %d of a hash with Length %d = %v, want %v", c.own, c.made, got, c.want)
		}
		checkIs(t, withList(of(c.own)), "secret", encoded, true)
	}
}

func TestOnMalformed(t *testing.T) {
	t.Parallel()
	var told []string
	h := hashers.New(hashers.Config{
		List: cheapList(),
		OnMalformed: func(algorithm string, err error) {
			told = append(told, algorithm)
			if !errors.Is(err, hashers.ErrMalformed) || strings.Contains(err.Error(), "pepper") {
				t.Errorf("told of %v, want ErrMalformed without the stored text", err)
			}
		},
	})
	unusable32 := "!" + strings.Repeat("a", 31) // as long as an unsalted MD5
	for _, encoded := range []string{"md5$salt$pepper", "gibberish", "!", unusable32, "", "lolcat$a$b", mustMake(t, h, "secret"), "scrypt$pepper"} {
		checkIs(t, h, "wrong", encoded, false)
	}
	if got, want := strings.Join(told, " "), "md5 scrypt"; got != want {
		t.Errorf("told of %q, want %q", got, want)
	}
}

// failing is a hasher whose machinery is out of order.
type failing struct{ hashers.MD5 }

var errOutOfOrder = errors.New("out of order")

func (failing) Verify(string, string) (bool, error)   { return false, errOutOfOrder }
func (failing) Encode(string, string) (string, error) { return "", errOutOfOrder }

func TestFailureIsNoAnswer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := withList(failing{})
	if _, err := h.Check(ctx, "secret", "md5$s$0123456789abcdef0123456789abcdef"); !errors.Is(err, errOutOfOrder) {
		t.Errorf("Check: error %v, want the hasher's", err)
	}
	if _, err := h.Check(ctx, "secret", "gibberish"); !errors.Is(err, errOutOfOrder) {
		t.Errorf("Check of gibberish: error %v, want the hasher's", err)
	}
	if _, err := h.Make(ctx, "secret"); !errors.Is(err, errOutOfOrder) {
		t.Errorf("Make: error %v, want the hasher's", err)
	}
	if err := h.Burn(ctx, "secret"); !errors.Is(err, errOutOfOrder) {
		t.Errorf("Burn: error %v, want the hasher's", err)
	}
}

func TestSaltFailure(t *testing.T) {
	t.Parallel()
	h := hashers.New(hashers.Config{List: cheapList(), Rand: strings.NewReader("short")})
	if _, err := h.Make(context.Background(), "secret"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Make: error %v, want the reader's", err)
	}
}

func TestEmptyList(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := hashers.New(hashers.Config{List: []hashers.Hasher{}})
	_, makeErr := h.Make(ctx, "secret")
	result, checkErr := h.Check(ctx, "secret", "md5$s$0123456789abcdef0123456789abcdef")
	for call, err := range map[string]error{"Make": makeErr, "Check": checkErr, "Burn": h.Burn(ctx, "secret")} {
		if !errors.Is(err, hashers.ErrNoHasher) {
			t.Errorf("%s: error %v, want ErrNoHasher", call, err)
		}
	}
	if result.OK {
		t.Error("Check is OK without a hasher")
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		list []hashers.Hasher
		want []string // what the sentences contain, in order
	}{
		{"default", nil, nil},
		{"Django 1.4", hashers.Django14(), nil},
		{"cheap", cheapList(), nil},
		{"empty", []hashers.Hasher{}, []string{"empty"}},
		{"nil entry", []hashers.Hasher{nil, hashers.MD5{}}, []string{"Hasher 1 of the list is nil"}},
		{"twice", []hashers.Hasher{hashers.MD5{}, hashers.SHA1{}, hashers.MD5{}}, []string{`"md5", and only the first`}},
		{"name", []hashers.Hasher{named("a$b"), named("")}, []string{`"a$b"`, `""`}},
		{"cost", []hashers.Hasher{
			hashers.PBKDF2SHA256{Iterations: -1}, hashers.PBKDF2SHA1{Iterations: -1}, hashers.BCrypt{Cost: 3},
			hashers.BCryptSHA256{Cost: 32}, hashers.Scrypt{N: 1000}, hashers.Argon2{Time: -1},
		}, []string{"Iterations", "Iterations", "Cost", "Cost", "N must", "Time"}},
	}
	for _, c := range cases {
		got := hashers.New(hashers.Config{List: c.list}).Problems()
		if len(got) != len(c.want) {
			t.Errorf("%s: Problems() = %q, want %d", c.name, got, len(c.want))
			continue
		}
		for i, part := range c.want {
			if !strings.Contains(got[i], part) {
				t.Errorf("%s: problem %d = %q, want it to contain %q", c.name, i, got[i], part)
			}
		}
	}
}

// named is a hasher with another name.
type named string

func (n named) Algorithm() string                   { return string(n) }
func (named) Encode(string, string) (string, error) { return "", nil }
func (named) Verify(string, string) (bool, error)   { return false, nil }
func (named) MustUpdate(string) bool                { return false }

func TestSaltRules(t *testing.T) {
	t.Parallel()
	wrong := map[string][]string{
		"pbkdf2_sha256": {"", "a$b", strings.Repeat("s", 129)},
		"pbkdf2_sha1":   {"", "a$b", strings.Repeat("s", 129)},
		"argon2":        {"", "seven77", "some$saltsome", strings.Repeat("s", 65)},
		"bcrypt_sha256": {"salt", "$2b$12$SkNOl0ez47lA.Zyw3t8x3e"},
		"bcrypt":        {"salt", "$2b$12$SkNOl0ez47lA.Zyw3t8x3e"},
		"scrypt":        {"", "a$b", strings.Repeat("s", 129)},
		"md5":           {"", "a$b", strings.Repeat("s", 129)},
		"sha1":          {"", "a$b", strings.Repeat("s", 129)},
		"unsalted_md5":  {"salt"},
		"unsalted_sha1": {"salt"},
		"crypt":         {"", "a", "abc", "a$", "ü"},
	}
	for _, h := range cheapList() {
		for _, salt := range wrong[h.Algorithm()] {
			encoded, err := h.Encode("password", salt)
			if !errors.Is(err, hashers.ErrSalt) || encoded != "" {
				t.Errorf("%s.Encode with salt %q = %q, %v, want ErrSalt", h.Algorithm(), salt, encoded, err)
			}
		}
	}
}

func TestCryptRefusesNUL(t *testing.T) {
	t.Parallel()
	h := hashers.Crypt{}
	if _, err := h.Encode("a\x00b", "ab"); !errors.Is(err, hashers.ErrPassword) {
		t.Errorf("Encode: error %v, want ErrPassword", err)
	}
	if _, err := h.Verify("a\x00b", "crypt$$ab1Hv2Lg7ltQo"); !errors.Is(err, hashers.ErrPassword) {
		t.Errorf("Verify: error %v, want ErrPassword", err)
	}
}

// What people read says what to do, and nothing of what is stored.
func TestErrorTexts(t *testing.T) {
	t.Parallel()
	_, noName := cheap().Identify("6d138ca3ae545631b3abd71a4f076ce759c5700b")
	_, noName2 := cheap().Identify("6d138ca3ae545631b3abd71a4f076ce759c5700b$x")
	if noName2 == nil || noName2.Error() != noName.Error() {
		t.Errorf("text %q, want it not to name what is no algorithm", noName2)
	}
	_, unknown := cheap().Identify("lolcat$salt$hash")
	for want, err := range map[string]error{
		"hashers: the stored password names no algorithm":                   noName,
		`hashers: no hasher for algorithm "lolcat"; add one to Config.List`: unknown,
		"hashers: too many passwords are being hashed; try again in 5s":     &hashers.BusyError{RetryAfter: 5 * time.Second},
	} {
		if got := err.Error(); got != want {
			t.Errorf("text %q, want %q", got, want)
		}
	}
}

// What is a problem must not be worked with either.
func TestWrongCostIsAnError(t *testing.T) {
	t.Parallel()
	wrong := []hashers.Hasher{
		hashers.PBKDF2SHA256{Iterations: -1}, hashers.PBKDF2SHA1{Iterations: -5}, hashers.BCrypt{Cost: 3}, hashers.BCryptSHA256{Cost: 32},
		hashers.Scrypt{N: 1000}, hashers.Scrypt{R: -1}, hashers.Scrypt{P: -1}, hashers.Scrypt{N: 1 << 30},
		hashers.Argon2{Time: -1}, hashers.Argon2{Threads: 256}, hashers.Argon2{Memory: 63}, hashers.Argon2{Length: 4}, hashers.Argon2{Length: 65},
	}
	for _, h := range wrong {
		if encoded, err := h.Encode("secret", newSalt(t, h)); err == nil {
			t.Errorf("%+v: Encode = %q, want an error", h, encoded)
		}
		if problems := withList(h).Problems(); len(problems) != 1 {
			t.Errorf("%+v: Problems() = %q, want one", h, problems)
		}
	}
}

// A hash with a new salt just fits into Django's column at the greatest length that is allowed.
func TestLongestHash(t *testing.T) {
	t.Parallel()
	for _, h := range []hashers.Hasher{hashers.Scrypt{N: 1 << 10, R: 10, P: 1}, hashers.Argon2{Memory: 102_400, Time: 1, Threads: 8, Length: 44}} {
		if encoded := mustEncode(t, h, "secret", newSalt(t, h)); len(encoded) > 128 {
			t.Errorf("%s: %d characters, want 128 at most", encoded, len(encoded))
		}
		if problems := withList(h).Problems(); problems != nil {
			t.Errorf("%+v: Problems() = %q, want none", h, problems)
		}
	}
	for _, h := range []hashers.Hasher{hashers.Scrypt{N: 1 << 17, P: 1}, hashers.Scrypt{R: 10}, hashers.Argon2{Length: 45}} {
		if problems := withList(h).Problems(); len(problems) != 1 || !strings.Contains(problems[0], "128 characters") {
			t.Errorf("%+v: Problems() = %q, want one about the column", h, problems)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	strong := append(hashers.Django52(), hashers.BCrypt{}, hashers.BCryptSHA256{Cost: 13}, named("own"),
		hashers.Argon2{Memory: 19 * 1024, Time: 2, Threads: 1}, hashers.Scrypt{N: 1 << 16, P: 2})
	for _, h := range strong {
		if got := withList(h, hashers.MD5{}).Warnings(); got != nil {
			t.Errorf("%s first: Warnings() = %q, want none", h.Algorithm(), got)
		}
	}
	for _, h := range cheapList() {
		if got := withList(h).Warnings(); len(got) != 1 || !strings.Contains(got[0], h.Algorithm()) {
			t.Errorf("cheap %s first: Warnings() = %q, want one that names it", h.Algorithm(), got)
		}
	}
	if got := hashers.New(hashers.Config{List: []hashers.Hasher{}}).Warnings(); got != nil {
		t.Errorf("Warnings() = %q without a hasher, want none", got)
	}
}

func TestSummaryOfOthers(t *testing.T) {
	t.Parallel()
	fields, err := withList(named("own")).Summary("own$x")
	if err != nil || len(fields) != 1 || fields[0] != (hashers.Field{Name: "algorithm", Value: "own"}) {
		t.Errorf("Summary = %v, %v, want the algorithm alone", fields, err)
	}
	var unknown *hashers.UnknownAlgorithmError
	if _, err := cheap().Summary("!"); !errors.As(err, &unknown) {
		t.Errorf("Summary(!): error %v, want an UnknownAlgorithmError", err)
	}
}

// rowFairLetters is given every byte once: the characters must come out equally often, without favour for the
// first ones, and in the order of the alphabet.
func rowFairLetters(t *testing.T) {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	const fair = 4 * len(hashers.Alphabet)
	got, err := hashers.TextFrom(bytes.NewReader(all), fair)
	if err != nil {
		t.Fatalf("textFrom: %v", err)
	}
	if want := strings.Repeat(hashers.Alphabet, 4); got != want {
		t.Errorf("textFrom = %q, want %q", got, want)
	}
	if _, err := hashers.TextFrom(bytes.NewReader(all), fair+1); !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		t.Errorf("textFrom with the 8 unfair bytes left: error %v, want it to take none of them", err)
	}
}

// rowRandom looks at how many letters are drawn, and how.
func rowRandom(t *testing.T) {
	rowFairLetters(t)
	for _, h := range cheapList() {
		want := 22
		switch h.Algorithm() {
		case "crypt":
			want = 2
		case "bcrypt", "bcrypt_sha256", "unsalted_md5", "unsalted_sha1":
			want = 0
		}
		if salt := newSalt(t, h); len(salt) != want || strings.Trim(salt, hashers.Alphabet) != "" {
			t.Errorf("%s: salt %q, want %d characters of the alphabet", h.Algorithm(), salt, want)
		}
	}
	one, other := hashers.Unusable(), hashers.Unusable()
	if len(one) != 41 || one == other || strings.Trim(one[1:], hashers.Alphabet) != "" {
		t.Errorf("unusable passwords %q and %q, want 40 characters of the alphabet behind the sign, and others each time", one, other)
	}
}

// TestCostDoesNotGrowWithLength shows that PBKDF2 works on the digest of a long password from its
// first iteration on, so its length is paid for once.
func TestCostDoesNotGrowWithLength(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	digest := sha256.Sum256([]byte(long))
	h := hashers.PBKDF2SHA256{Iterations: 7}
	if got, want := mustEncode(t, h, long, "seasalt"), mustEncode(t, h, string(digest[:]), "seasalt"); got != want {
		t.Errorf("1 MiB gives %s, its digest %s; want the same", got, want)
	}
}
