package names_test

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func TestNormalizeEmail(t *testing.T) {
	t.Parallel()
	type row struct {
		Input  *string // nil is Python's None, which Go has no use for
		Output string
	}
	rows := djangovectors.Section[row](t, "normalize_email")
	for _, pair := range [][2]string{
		{"lennon@TheBeatles.com", "lennon@thebeatles.com"},
		{"a@İSTANBUL.COM", "a@i̇stanbul.com"}, // not "istanbul.com", which is another's domain
		{"a@ΟΔΟΣ.GR", "a@οδοσ.gr"},
		{"a@ΟΔΟΣ", "a@οδος"},
		{"\x1fa@B.C\u3000", "a@b.c"},
		{" no at ", " no at "},
		{"@", "@"},
	} {
		rows = append(rows, row{&pair[0], pair[1]})
	}
	for _, r := range rows {
		if r.Input == nil {
			r.Input = new(string)
		}
		if got := names.NormalizeEmail(*r.Input); got != r.Output {
			t.Errorf("NormalizeEmail(%q) = %q, want %q", *r.Input, got, r.Output)
		}
	}
}

func TestValidateEmail(t *testing.T) {
	t.Parallel()
	type row struct {
		Email string
		Valid bool
	}
	rows := djangovectors.Section[row](t, "email_validator")
	for _, address := range validAddresses {
		rows = append(rows, row{address, true})
	}
	for _, address := range invalidAddresses {
		rows = append(rows, row{address, false})
	}
	for _, r := range rows {
		if got := code(t, names.ValidateEmail(r.Email)); got != invalidUnless(r.Valid) {
			t.Errorf("ValidateEmail(%q): code %q, want %q", r.Email, got, invalidUnless(r.Valid))
		}
	}
}

var validAddresses = []string{
	"email@here.com",
	"weirder-email@here.and.there.com",
	"email@[127.0.0.1]",
	"email@[2001:dB8::1]",
	"email@[2001:dB8:0:0:0:0:0:1]",
	"email@[::fffF:127.0.0.1]",
	"email@[0000:0000:0000:0000:0000:ffff:127.0.0.1]",
	"example@valid-----hyphens.com",
	"test@domain.with.idn.tld.उदाहरण.परीक्षा",
	"email@localhost",
	`"test@test"@example.com`,
	"example@atm." + strings.Repeat("a", 63),
	"example@" + strings.Repeat("a", 63) + "." + strings.Repeat("b", 10) + ".atm",
	"\"\\\t\"@here.com",
	`"\""@here.com`,
	`""@here.com`,
	"mıke@example.org", // a form must take it, though it is not mike@example.org
	"ſ\u212aİ@example.org",
	"a@b.xn--p1ai",
	"a@b.XN--P1AI",
	"a@1.co",
	strings.Repeat("a", 308) + "@example.com",
	"!#$%&'*+-/=?^_`{|}~@example.com",
}

var invalidAddresses = []string{
	"abc",
	"abc@",
	"abc@bar",
	"a @x.cz",
	"abc@.com",
	"something@@somewhere.com",
	"email@127.0.0.1",
	"email@[127.0.0.256]",
	"email@[127.0.0.01]",
	"email@[2001:db8::12345]",
	"email@[2001:db8:0:0:0:0:1]",
	"email@[::ffff:127.0.0.256]",
	"email@[0000:0000:0000:0000:0000:ffff:127.0.0.10]",
	"email@[fe80::1%eth0]",
	"email@[IPv6:::1]",
	"email@[]",
	"email@[127.0.0.1",
	"example@invalid-.com",
	"example@-invalid.com",
	"example@invalid.com-",
	"example@inv-.alid-.com",
	"test@example.com\n\n<script src=\"x.js\">",
	"\"\\\n\"@here.com",
	`"\"@here.com`,
	`"a b"@here.com`,
	`"@here.com`,
	"trailingdot@shouldfail.com.",
	"a@" + strings.Repeat("a", 64) + ".us",
	"example@atm." + strings.Repeat("a", 64),
	"a\n@b.com",
	"\"test@test\"\n@example.com",
	"a@[127.0.0.1]\n",
	"a@b.c0m",
	"a@b.12",
	"a@b.-xy",
	"a@b.xn--",
	"a@b.xn--a-1",
	"a@LOCALHOST",
	"a@b.c",
	"é@example.com",
	"a@b\xff.com",
	"a@😀.com",
	strings.Repeat("a", 309) + "@example.com",
	strings.Repeat("@", 1<<20),
}

func TestEmailValidatorAllow(t *testing.T) {
	t.Parallel()
	v := names.EmailValidator{Allow: []string{"localdomain"}}
	tests := map[string]string{"email@localdomain": "", "email@localhost": "invalid", "email@here.com": ""}
	for address, want := range tests {
		if got := code(t, v.Validate(address)); got != want {
			t.Errorf("Allow localdomain: Validate(%q): code %q, want %q", address, got, want)
		}
	}
	none := names.EmailValidator{Allow: []string{}}
	if got := code(t, none.Validate("email@localhost")); got != "invalid" {
		t.Errorf("Allow nothing: Validate(email@localhost): code %q, want invalid", got)
	}
}

// The rules once more, as regular expressions.
var (
	az         = `a-zA-Zİıſ\x{212a}`
	oracleUser = regexp.MustCompile(`^(?:[` + az + `0-9!#$%&'*+/=?^_` + "`" + `{|}~-]+(?:\.[` + az + `0-9!#$%&'*+/=?^_` + "`" + `{|}~-]+)*` +
		`|"(?:[` + az + `\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f]|\\[` + az + `\x01-\x09\x0b\x0c\x0e-\x7f])*")$`)
	ul         = `\x{a1}-\x{ffff}`
	oracleHost = regexp.MustCompile(`^(?:[a-zA-Z0-9` + ul + `](?:[a-zA-Z0-9` + ul + `-]{0,61}[a-zA-Z0-9` + ul + `])?\.)+` +
		`(?:[a-zA-Z` + ul + `][a-zA-Z` + ul + `-]{0,61}[a-zA-Z` + ul + `]|[xX][nN]--[` + az + `0-9]{1,59})$`)
)

func FuzzValidateEmail(f *testing.F) {
	for _, address := range append(append([]string{}, validAddresses...), invalidAddresses[:len(invalidAddresses)-1]...) {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		want := false
		if i := strings.LastIndexByte(address, '@'); i >= 0 && utf8.ValidString(address) && utf8.RuneCountInString(address) <= 320 {
			domain := address[i+1:]
			literal := false
			if len(domain) > 2 && len(domain) <= 41 && domain[0] == '[' && domain[len(domain)-1] == ']' {
				ip, err := netip.ParseAddr(domain[1 : len(domain)-1])
				literal = err == nil && ip.Zone() == ""
			}
			want = oracleUser.MatchString(address[:i]) && (domain == "localhost" || oracleHost.MatchString(domain) || literal)
		}
		if got := code(t, names.ValidateEmail(address)) == ""; got != want {
			t.Errorf("ValidateEmail(%q) valid %v, want %v", address, got, want)
		}
	})
}

func FuzzNormalizeEmail(f *testing.F) {
	for _, s := range []string{"normal@DOMAIN.COM", " a@B@C ", "no at", "a@İ", "\xff@\xff", "@", "x@\u1e9e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		once := names.NormalizeEmail(address)
		if twice := names.NormalizeEmail(once); twice != once {
			t.Errorf("NormalizeEmail(%q) = %q, and of that %q", address, once, twice)
		}
		if strings.Count(once, "@") != strings.Count(address, "@") {
			t.Errorf("NormalizeEmail(%q) = %q has another number of @", address, once)
		}
	})
}

func BenchmarkValidateEmail(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = names.ValidateEmail("lennon@thebeatles.example.com")
	}
}
