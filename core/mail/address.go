package mail

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Address returns "name <addr>", quoted and encoded as needed, for the fields of a Message. An empty
// name gives addr alone. Nothing is checked here: Message.Validate does.
func Address(name, addr string) string {
	if name == "" {
		return addr
	}
	return (&netmail.Address{Name: name, Address: addr}).String()
}

// address is a parsed address: for the envelope, and with its name for the header.
type address struct{ spec, header string }

// parseAddress parses one address and writes it anew. where names the field in errors.
func parseAddress(where, text string) (address, error) {
	if err := checkText(where, text); err != nil {
		return address{}, err
	}
	parsed, err := netmail.ParseAddress(text)
	if err != nil {
		return address{}, refuse(where, `must be one address such as ada@example.org or "Ada <ada@example.org>"`, ErrAddress)
	}
	return writeAddress(where, parsed)
}

func writeAddress(where string, a *netmail.Address) (address, error) {
	if err := checkText(where, a.Name); err != nil { // an encoded name may hold what its encoding does not
		return address{}, err
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	if strings.ContainsFunc(local, unicode.IsControl) {
		return address{}, refuse(where, "has a control character before the @", ErrAddress)
	}
	if !isASCII(domain) {
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return address{}, refuse(where, "has a domain that cannot exist", ErrAddress)
		}
		domain = ascii
	}
	// String quotes a local part that needs it: without the quotes, "x> SIZE=1 <y"@example.org
	// would be a command's parameters.
	spec := (&netmail.Address{Address: local + "@" + domain}).String()
	spec = spec[1 : len(spec)-1]
	if a.Name == "" {
		return address{spec: spec, header: spec}, nil
	}
	header := (&netmail.Address{Name: a.Name, Address: local + "@" + domain}).String()
	return address{spec: spec, header: header}, nil
}

// parseAddresses parses a field with several addresses.
func parseAddresses(where string, texts []string) ([]address, error) {
	var out []address
	for i, text := range texts {
		a, err := parseAddress(fmt.Sprintf("%s, address %d,", where, i+1), text)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
