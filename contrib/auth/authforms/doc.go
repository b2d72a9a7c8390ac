// Package authforms has the forms of logging in, signing up and passwords, for the views of
// package authviews and for your own:
//
//	f := authforms.NewAuthenticationForm(a, r)
//	ok, err := forms.Accept(r, f)
//	if err != nil {
//		return err
//	}
//	if ok {
//		return a.Login(r, f.User(), auth.LoginOptions{})
//	}
//	return web.Render(w, r, "login.html", web.Data{"form": f})
//
// They work with every user model. A form of your own embeds one of them and declares more fields;
// single decisions are functions in fields of the form.
//
// Error codes are Django's, the sentences are not. No form repeats a password, in a page or in an
// error. The forms send no answer and start no session: the views do.
package authforms
