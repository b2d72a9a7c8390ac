package forms_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/go-belleville/belleville/core/forms"
)

// BenchmarkLogin makes, fills, checks and shows a log-in form: what one failed log-in costs here.
func BenchmarkLogin(b *testing.B) {
	refuse := func(context.Context, string, string) (bool, error) { return false, nil }
	v := url.Values{"username": {"ada"}, "password": {"byron"}}
	b.ReportAllocs()
	for b.Loop() {
		f := NewLoginForm(refuse)
		f.Bind(forms.Data{Values: v})
		if _, err := forms.Validate(b.Context(), f); err != nil {
			b.Fatal(err)
		}
		if _, err := f.Render(); err != nil {
			b.Fatal(err)
		}
	}
}
