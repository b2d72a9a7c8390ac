package hashers_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/hashers/hasherstest"
)

// What these tests call a setter in Django is Result.MustUpdate here, and a password None is the
// empty text, or hashers.Unusable where one is made. Where a case runs a hash for the sake of
// something else than its cost, the cost is low.

func TestDjango(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*testing.T){
		"TestUtilsHashPass.test_simple":                                             testSimple,
		"TestUtilsHashPass.test_pbkdf2":                                             testPBKDF2,
		"TestUtilsHashPass.test_md5":                                                testMD5,
		"TestUtilsHashPass.test_bcrypt_sha256":                                      testBCryptSHA256,
		"TestUtilsHashPass.test_bcrypt":                                             testBCrypt,
		"TestUtilsHashPass.test_bcrypt_upgrade":                                     testBCryptUpgrade,
		"TestUtilsHashPass.test_bcrypt_harden_runtime":                              testBCryptHarden,
		"TestUtilsHashPass.test_bcrypt_salt_check":                                  func(t *testing.T) { testFreshHash(t, hashers.BCrypt{}) },
		"TestUtilsHashPass.test_bcryptsha256_salt_check":                            func(t *testing.T) { testFreshHash(t, hashers.BCryptSHA256{}) },
		"TestUtilsHashPass.test_unusable":                                           testUnusable,
		"TestUtilsHashPass.test_unspecified_password":                               testUnspecifiedPassword,
		"TestUtilsHashPass.test_bad_algorithm":                                      testBadAlgorithm,
		"TestUtilsHashPass.test_is_password_usable":                                 testIsUsable,
		"TestUtilsHashPass.test_low_level_pbkdf2":                                   testLowLevelPBKDF2,
		"TestUtilsHashPass.test_low_level_pbkdf2_sha1":                              testLowLevelPBKDF2SHA1,
		"TestUtilsHashPass.test_upgrade":                                            testUpgrade,
		"TestUtilsHashPass.test_no_upgrade":                                         testNoUpgrade,
		"TestUtilsHashPass.test_no_upgrade_on_incorrect_pass":                       testNoUpgradeOnIncorrect,
		"TestUtilsHashPass.test_pbkdf2_upgrade":                                     testPBKDF2Upgrade,
		"TestUtilsHashPass.test_pbkdf2_harden_runtime":                              testPBKDF2Harden,
		"TestUtilsHashPass.test_pbkdf2_upgrade_new_hasher":                          testPBKDF2UpgradeNewHasher,
		"TestUtilsHashPass.test_check_password_calls_harden_runtime":                testCheckHardens,
		"TestUtilsHashPass.test_check_password_calls_make_password_to_fake_runtime": testCheckFakesRuntime,
		"TestUtilsHashPass.test_encode_invalid_salt":                                testInvalidSalt,
		"TestUtilsHashPassArgon2.test_argon2":                                       testArgon2,
		"TestUtilsHashPassArgon2.test_argon2_decode":                                testArgon2Decode,
		"TestUtilsHashPassArgon2.test_argon2_upgrade":                               testArgon2Upgrade,
		"TestUtilsHashPassArgon2.test_argon2_version_upgrade":                       testArgon2VersionUpgrade,
		"TestUtilsHashPassScrypt.test_scrypt":                                       testScrypt,
		"TestUtilsHashPassScrypt.test_scrypt_decode":                                testScryptDecode,
		"TestUtilsHashPassScrypt.test_scrypt_upgrade":                               testScryptUpgrade,
	}
	for name, run := range cases {
		t.Run("django/auth_tests/test_hashers.py/"+name, func(t *testing.T) {
			t.Parallel()
			run(t)
		})
	}
}

// testBlank makes a hash of the empty password and checks it.
func testBlank(t *testing.T, h *hashers.Hashers, algorithm, salt string) {
	t.Helper()
	encoded := mustMakeWith(t, h, algorithm, "", salt)
	if !strings.HasPrefix(encoded, algorithm+"$") || !hashers.IsUsable(encoded) {
		t.Errorf("hash of the empty password = %q, want a usable one of %s", encoded, algorithm)
	}
	checkIs(t, h, "", encoded, true)
	checkIs(t, h, " ", encoded, false)
}

// testLetmein checks a hash of "lètmein".
func testLetmein(t *testing.T, h *hashers.Hashers, encoded, algorithm string) {
	t.Helper()
	if !strings.HasPrefix(encoded, algorithm+"$") || !hashers.IsUsable(encoded) {
		t.Errorf("hash = %q, want a usable one of %s", encoded, algorithm)
	}
	checkIs(t, h, "lètmein", encoded, true)
	checkIs(t, h, "lètmeinz", encoded, false)
	identifiedAs(t, h, encoded, algorithm)
}

// testSaltEntropy shows that a hash with a short salt is to be made anew.
func testSaltEntropy(t *testing.T, h hashers.Hasher) {
	t.Helper()
	if weak := mustEncode(t, h, "lètmein", "iodizedsalt"); !h.MustUpdate(weak) {
		t.Errorf("MustUpdate(%q) = false, want true: the salt is short", weak)
	}
	if strong := mustEncode(t, h, "lètmein", newSalt(t, h)); h.MustUpdate(strong) {
		t.Errorf("MustUpdate(%q) = true, want false", strong)
	}
}

// testStandard makes one hash at Django's cost and checks it once; the rest is done at a low cost.
func testStandard(t *testing.T, h *hashers.Hashers, algorithm string) {
	t.Helper()
	checkIs(t, h, "lètmein", mustMakeWith(t, h, algorithm, "lètmein", ""), true)
	low := cheap()
	testLetmein(t, low, mustMakeWith(t, low, algorithm, "lètmein", ""), algorithm)
}

func testSimple(t *testing.T) {
	h := hashers.New(hashers.Config{})
	testLetmein(t, h, mustMake(t, h, "lètmein"), "pbkdf2_sha256")
	testBlank(t, cheap(), "pbkdf2_sha256", "")
}

func testPBKDF2(t *testing.T) {
	h := hashers.New(hashers.Config{})
	encoded := mustMakeWith(t, h, "pbkdf2_sha256", "lètmein", "seasalt")
	if want := "pbkdf2_sha256$1000000$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps="; encoded != want {
		t.Errorf("MakeWith = %q, want %q", encoded, want)
	}
	testLetmein(t, h, encoded, "pbkdf2_sha256")
	testBlank(t, cheap(), "pbkdf2_sha256", "seasalt")
	testSaltEntropy(t, hashers.PBKDF2SHA256{Iterations: 10})
}

func testMD5(t *testing.T) {
	h := withList(hashers.MD5{})
	encoded := mustMakeWith(t, h, "md5", "lètmein", "seasalt")
	if want := "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3"; encoded != want {
		t.Errorf("MakeWith = %q, want %q", encoded, want)
	}
	testLetmein(t, h, encoded, "md5")
	testBlank(t, h, "md5", "seasalt")
	testSaltEntropy(t, hashers.MD5{})
}

func testBCryptSHA256(t *testing.T) {
	testStandard(t, hashers.New(hashers.Config{}), "bcrypt_sha256")
	h := cheap()
	long := "VSK0UYV6FFQVZ0KG88DYN9WADAADZO1CTSIVDJUNZSUML6IBX7LN7ZS3R5JGB3RGZ7VI7G7DJQ9NI8BQFSRPTG6UWTTVESA5ZPUN"
	encoded := mustMakeWith(t, h, "bcrypt_sha256", long, "")
	checkIs(t, h, long, encoded, true)
	checkIs(t, h, long[:72], encoded, false)
	testBlank(t, h, "bcrypt_sha256", "")
}

func testBCrypt(t *testing.T) {
	testStandard(t, withList(hashers.BCrypt{}), "bcrypt")
	testBlank(t, cheap(), "bcrypt", "")
}

func testBCryptUpgrade(t *testing.T) {
	low := hashers.BCrypt{Cost: 4}
	encoded := mustMake(t, withList(low), "letmein")
	if got := field(t, low, encoded, "work factor"); got != "4" {
		t.Errorf("work factor = %s, want 4", got)
	}
	upgrades(t, withList(low), "letmein", encoded, false)
	upgrades(t, withList(hashers.BCrypt{}), "letmein", encoded, true)
}

func testBCryptHarden(t *testing.T) {
	encoded := mustMake(t, withList(hashers.BCrypt{Cost: 4}), "letmein")
	h, runs := hashers.LoggedBCrypt(6)
	h.Harden("wrong_password", encoded)
	// Two steps more are four times the work, one quarter of which the check has done.
	if got, want := runs(), []int{4, 4, 4}; !slices.Equal(got, want) {
		t.Errorf("Harden ran bcrypt with the costs %v, want %v", got, want)
	}
}

func testFreshHash(t *testing.T, h hashers.Hasher) {
	encoded := mustEncode(t, h, "lètmein", newSalt(t, h))
	if h.MustUpdate(encoded) {
		t.Errorf("MustUpdate(%q) = true, want false", encoded)
	}
}

func testUnusable(t *testing.T) {
	h := cheap()
	encoded := hashers.Unusable()
	if got, want := len(encoded), len("!")+40; got != want {
		t.Errorf("len(Unusable()) = %d, want %d", got, want)
	}
	if hashers.IsUsable(encoded) {
		t.Errorf("IsUsable(%q) = true, want false", encoded)
	}
	for _, password := range []string{encoded, "!", "", "lètmein", "lètmeinz"} {
		checkIs(t, h, password, encoded, false)
	}
	var unknown *hashers.UnknownAlgorithmError
	if _, err := h.Identify(encoded); !errors.As(err, &unknown) {
		t.Errorf("Identify(%q): error %v, want an UnknownAlgorithmError", encoded, err)
	}
	if again := hashers.Unusable(); again == encoded {
		t.Errorf("Unusable() twice = %q, want two different texts", again)
	}
}

func testUnspecifiedPassword(t *testing.T) {
	h := cheap()
	checkIs(t, h, "", mustMake(t, h, "lètmein"), false)
}

func testBadAlgorithm(t *testing.T) {
	h := cheap()
	_, makeErr := h.MakeWith(context.Background(), "lolcat", "lètmein", "")
	_, identifyErr := h.Identify("lolcat$salt$hash")
	for call, err := range map[string]error{"MakeWith": makeErr, "Identify": identifyErr} {
		var unknown *hashers.UnknownAlgorithmError
		if !errors.As(err, &unknown) || unknown.Algorithm != "lolcat" {
			t.Errorf("%s: error %v, want an UnknownAlgorithmError for lolcat", call, err)
		}
	}
}

func testIsUsable(t *testing.T) {
	for _, encoded := range []string{"lètmein_badencoded", ""} {
		if !hashers.IsUsable(encoded) {
			t.Errorf("IsUsable(%q) = false, want true", encoded)
		}
	}
}

func testLowLevelPBKDF2(t *testing.T) {
	testLowLevel(t, hashers.PBKDF2SHA256{}, "pbkdf2_sha256$1000000$seasalt2$egbhFghgsJVDo5Tpg/k9ZnfbySKQ1UQnBYXhR97a7sk=")
}

func testLowLevelPBKDF2SHA1(t *testing.T) {
	testLowLevel(t, hashers.PBKDF2SHA1{}, "pbkdf2_sha1$1000000$seasalt2$3R9hvSAiAy5ARspAFy5GJ/2rjXo=")
}

func testLowLevel(t *testing.T, h hashers.Hasher, want string) {
	t.Helper()
	if got := mustEncode(t, h, "lètmein", "seasalt2"); got != want {
		t.Errorf("Encode = %q, want %q", got, want)
	}
	if ok, err := h.Verify("lètmein", want); !ok || err != nil {
		t.Errorf("Verify = %v, %v, want true", ok, err)
	}
}

func testUpgrade(t *testing.T) {
	h := cheap()
	for _, algorithm := range []string{"pbkdf2_sha1", "md5"} {
		upgrades(t, h, "lètmein", mustMakeWith(t, h, algorithm, "lètmein", ""), true)
	}
}

func testNoUpgrade(t *testing.T) {
	h := cheap()
	if result := checkIs(t, h, "WRONG", mustMake(t, h, "lètmein"), false); result.MustUpdate {
		t.Error("MustUpdate = true for a wrong password")
	}
}

func testNoUpgradeOnIncorrect(t *testing.T) {
	h := cheap()
	for _, algorithm := range []string{"pbkdf2_sha1", "md5"} {
		encoded := mustMakeWith(t, h, algorithm, "lètmein", "")
		if result := checkIs(t, h, "WRONG", encoded, false); result.MustUpdate {
			t.Errorf("MustUpdate = true for a wrong password and %s", algorithm)
		}
	}
}

func testPBKDF2Upgrade(t *testing.T) {
	once := withList(hashers.PBKDF2SHA256{Iterations: 1})
	encoded := mustMake(t, once, "letmein")
	if got := strings.Split(encoded, "$")[1]; got != "1" {
		t.Errorf("iterations = %s, want 1", got)
	}
	upgrades(t, once, "letmein", encoded, false)
	upgrades(t, hashers.New(hashers.Config{}), "letmein", encoded, true)
}

func testPBKDF2Harden(t *testing.T) {
	encoded := mustMake(t, withList(hashers.PBKDF2SHA256{Iterations: 1}), "letmein")
	h, runs := hashers.LoggedPBKDF2(6)
	h.Harden("wrong_password", encoded)
	if got, want := runs(), []int{5}; !slices.Equal(got, want) {
		t.Errorf("Harden ran iterations %v, want %v", got, want)
	}
}

func testPBKDF2UpgradeNewHasher(t *testing.T) {
	once := hashers.PBKDF2SHA256{Iterations: 1}
	encoded := mustMake(t, withList(once), "letmein")
	upgrades(t, withList(once), "letmein", encoded, false)
	upgrades(t, withList(hashers.PBKDF2SHA256{}, once), "letmein", encoded, true)
}

// outdated takes every hash for one to be made anew.
type outdated struct{ *hasherstest.Counting }

func (outdated) MustUpdate(string) bool { return true }

func testCheckHardens(t *testing.T) {
	counted := &hasherstest.Counting{Hasher: hashers.PBKDF2SHA256{Iterations: 10}}
	h := withList(outdated{counted})
	encoded := mustMake(t, h, "letmein")
	for password, want := range map[string]int{"letmein": 0, "wrong_password": 1} {
		counted.Take()
		checkIs(t, h, password, encoded, password == "letmein")
		if got := counted.Take().Harden; got != want {
			t.Errorf("Check(%q) hardened %d times, want %d", password, got, want)
		}
	}
}

func testCheckFakesRuntime(t *testing.T) {
	h, counted := counting(hashers.PBKDF2SHA256{Iterations: 10})
	cases := []struct{ name, password, encoded string }{
		{"no password", "", ""},
		{"unusable", "foo", hashers.Unusable()},
		{"algorithm not in the list", "letmein", mustMake(t, withList(hashers.MD5{}), "letmein")},
	}
	for _, c := range cases {
		checkIs(t, h, c.password, c.encoded, false)
		if got, want := counted.Take(), (hasherstest.Counts{Encode: 1}); got != want {
			t.Errorf("%s: runs %+v, want %+v", c.name, got, want)
		}
	}
}

func testInvalidSalt(t *testing.T) {
	for _, h := range []hashers.Hasher{hashers.MD5{}, hashers.PBKDF2SHA256{}, hashers.PBKDF2SHA1{}, hashers.Scrypt{}} {
		for _, salt := range []string{"", "sea$salt"} {
			if _, err := h.Encode("password", salt); !errors.Is(err, hashers.ErrSalt) {
				t.Errorf("%s.Encode with salt %q: error %v, want ErrSalt", h.Algorithm(), salt, err)
			}
		}
	}
}

func testArgon2(t *testing.T) {
	testStandard(t, hashers.New(hashers.Config{}), "argon2")
	if encoded := mustMakeWith(t, cheap(), "argon2", "lètmein", ""); !strings.HasPrefix(encoded, "argon2$argon2id$") {
		t.Errorf("hash = %q, want one of argon2id", encoded)
	}
	testBlank(t, cheap(), "argon2", "")
	for _, old := range []string{
		"argon2$argon2i$m=8,t=1,p=1$c29tZXNhbHQ$gwQOXSNhxiOxPOA0+PY10P9QFO4NAYysnqRt1GSQLE55m+2GYDt9FEjPMHhP2Cuf0nOEXXMocVrsJAtNSsKyfg",
		"argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",
	} {
		checkIs(t, cheap(), "secret", old, true)
		checkIs(t, cheap(), "wrong", old, false)
	}
	testSaltEntropy(t, hashers.Argon2{Memory: 8, Time: 1, Threads: 1})
}

func testArgon2Decode(t *testing.T) {
	h := hashers.Argon2{}
	encoded := mustEncode(t, h, "lètmein", "abcdefghijk")
	for name, want := range map[string]string{
		"memory cost": "102400", "parallelism": "8", "time cost": "2", "salt": "abcdef*****",
	} {
		if got := field(t, h, encoded, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if parts := strings.Split(encoded, "$"); parts[4] != "YWJjZGVmZ2hpams" {
		t.Errorf("stored salt = %q, want the base 64 of abcdefghijk", parts[4])
	}
}

func testArgon2Upgrade(t *testing.T) {
	cases := []struct {
		name, want string
		old        hashers.Argon2
	}{
		{"time cost", "1", hashers.Argon2{Time: 1}},
		{"memory cost", "64", hashers.Argon2{Memory: 64}},
		{"parallelism", "1", hashers.Argon2{Threads: 1}},
	}
	for _, c := range cases {
		encoded := mustMake(t, withList(c.old), "letmein")
		if got := field(t, c.old, encoded, c.name); got != c.want {
			t.Errorf("%s = %s, want %s", c.name, got, c.want)
		}
		upgrades(t, withList(c.old), "letmein", encoded, false)
		upgrades(t, withList(hashers.Argon2{}), "letmein", encoded, true)
	}
}

func testArgon2VersionUpgrade(t *testing.T) {
	h := withList(hashers.Argon2{Memory: 8, Time: 1, Threads: 1})
	upgrades(t, h, "secret", "argon2$argon2id$v=19$m=102400,t=2,p=8$Y041dExhNkljRUUy$TMa6A8fPJhCAUXRhJXCXdw", true)
}

func testScrypt(t *testing.T) {
	h := hashers.New(hashers.Config{})
	encoded := mustMakeWith(t, h, "scrypt", "lètmein", "seasalt")
	want := "scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw=="
	if encoded != want {
		t.Errorf("MakeWith = %q, want %q", encoded, want)
	}
	testLetmein(t, h, encoded, "scrypt")
	testBlank(t, cheap(), "scrypt", "seasalt")
}

func testScryptDecode(t *testing.T) {
	h := hashers.Scrypt{}
	encoded := mustEncode(t, h, "lètmein", "seasalt")
	for name, want := range map[string]string{
		"block size": "8", "parallelism": "5", "salt": "seasal*", "work factor": strconv.Itoa(1 << 14),
	} {
		if got := field(t, h, encoded, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if parts := strings.Split(encoded, "$"); parts[2] != "seasalt" {
		t.Errorf("stored salt = %q, want seasalt", parts[2])
	}
}

func testScryptUpgrade(t *testing.T) {
	cases := []struct {
		name, want string
		old        hashers.Scrypt
	}{
		{"work factor", "2048", hashers.Scrypt{N: 1 << 11}},
		{"block size", "10", hashers.Scrypt{R: 10}},
		{"parallelism", "2", hashers.Scrypt{P: 2}},
	}
	for _, c := range cases {
		encoded := mustMakeWith(t, withList(c.old), "scrypt", "lètmein", "seasalt")
		if got := field(t, c.old, encoded, c.name); got != c.want {
			t.Errorf("%s = %s, want %s", c.name, got, c.want)
		}
		upgrades(t, withList(c.old), "lètmein", encoded, false)
		upgrades(t, withList(hashers.Scrypt{}), "lètmein", encoded, true)
	}
}
