package password

import (
	"context"
	"strings"
	"unicode"

	"github.com/go-belleville/belleville/core/forms"
)

// Numeric refuses passwords that consist of digits alone, those of other scripts and raised or
// circled ones included, with the code "password_entirely_numeric".
type Numeric struct{}

var _ Validator = Numeric{}

// Validate implements [Validator].
func (Numeric) Validate(_ context.Context, raw string, _ []Attribute) error {
	if raw == "" || strings.ContainsFunc(raw, notDigit) {
		return nil
	}
	return &forms.Error{Code: "password_entirely_numeric", Message: "This password consists of digits only."}
}

// HelpText implements [Validator].
func (Numeric) HelpText() string {
	return "The password must not consist of digits only."
}

func notDigit(r rune) bool {
	return !unicode.IsDigit(r) && !unicode.Is(digitsNotDecimal, r)
}

// digitsNotDecimal are the 128 characters that Unicode gives the numeric type Digit; Python's
// str.isdigit takes them beside the decimal digits.
var digitsNotDecimal = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00b2, 0x00b3, 1}, {0x00b9, 0x00b9, 1}, {0x1369, 0x1371, 1}, {0x19da, 0x19da, 1},
		{0x2070, 0x2070, 1}, {0x2074, 0x2079, 1}, {0x2080, 0x2089, 1}, {0x2460, 0x2468, 1},
		{0x2474, 0x247c, 1}, {0x2488, 0x2490, 1}, {0x24ea, 0x24ea, 1}, {0x24f5, 0x24fd, 1},
		{0x24ff, 0x24ff, 1}, {0x2776, 0x277e, 1}, {0x2780, 0x2788, 1}, {0x278a, 0x2792, 1},
	},
	R32: []unicode.Range32{
		{0x10a40, 0x10a43, 1}, {0x10e60, 0x10e68, 1}, {0x11052, 0x1105a, 1}, {0x1f100, 0x1f10a, 1},
	},
	LatinOffset: 2,
}
