package names_test

import (
	"errors"
	"fmt"

	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/forms"
)

func ExampleCleanUsername() {
	name, err := names.CleanUsername(" ｊｏｈｎ ", 0, names.UnicodeUsername)
	fmt.Println(name, err)

	_, err = names.CleanUsername("john lennon", 0, names.UnicodeUsername)
	var refusal *forms.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Code)
	}
	// Output:
	// john <nil>
	// invalid
}

func ExampleNormalizeUsername() {
	fmt.Println(names.NormalizeUsername("Ⅷ ﬀ"))
	// Output: VIII ff
}

func ExampleUnicodeUsername() {
	fmt.Println(names.UnicodeUsername("René"))
	fmt.Println(names.UnicodeUsername("o'connell"))
	// Output:
	// <nil>
	// A user name consists of letters, digits and the signs @ . + - _ only.
}

func ExampleASCIIUsername() {
	fmt.Println(names.ASCIIUsername("René"))
	// Output: A user name consists of unaccented letters, digits and the signs @ . + - _ only.
}

func ExampleNormalizeEmail() {
	fmt.Println(names.NormalizeEmail("Lennon@TheBeatles.com"))
	// Output: Lennon@thebeatles.com
}

func ExampleValidateEmail() {
	fmt.Println(names.ValidateEmail("lennon@thebeatles.com"))
	fmt.Println(names.ValidateEmail("lennon"))
	// Output:
	// <nil>
	// This is not an e-mail address such as name@example.com.
}

func ExampleEmailValidator() {
	intranet := names.EmailValidator{Allow: []string{"localhost", "office"}}
	fmt.Println(intranet.Validate("lennon@office"))
	// Output: <nil>
}

func ExampleSameIgnoringCase() {
	fmt.Println(names.SameIgnoringCase("Mike@example.org", "mike@EXAMPLE.org"))
	fmt.Println(names.SameIgnoringCase("mike@example.org", "mıke@example.org"))
	// Output:
	// true
	// false
}
