// Package messages tells a visitor something once: on the page that is shown next, most often
// after a redirect. Messages wait in a cookie, and in the session when they are too long for it, in
// Django's formats, so that a message from a Django project with the same SECRET_KEY is shown here
// and the other way round.
//
//	msgs := messages.New(messages.Config{Sessions: sess})
//	project, err := core.New(s, types.App(), sess.App(), a.App(), msgs.App(), …)
//
//	func (p *Polls) close(w http.ResponseWriter, r *http.Request) error {
//		…
//		if err := messages.Success(r.Context(), "The poll is closed."); err != nil {
//			return err
//		}
//		return web.Redirect(w, r, "/polls/", http.StatusFound)
//	}
//
// The page messages.html, which the default base.html has in it, shows what waits. A page of your own
// writes
//
//	{{range .messages}}<li class="{{.Tags}}">{{.HTML}}</li>{{end}}
//
// Asking for .messages is reading: what was handed out is gone with the answer, unless that is a
// 5xx, with which nothing is stored or deleted. A page that does not ask costs nothing. An answer
// that depends on messages says Vary: Cookie.
//
// [UserMessages] is another thing, from Django's first years: a queue for each user in the database,
// to which a program can add while the user is away.
//
// The package sends no mail and knows no languages: a message is text in the language that it was
// written in.
package messages
