// Package csrf keeps other sites from posting in a visitor's name.
//
// There are two ways, and a project has one of them.
//
// # By where the request comes from
//
// [Protect] refuses unsafe requests that a browser says came from another origin, by
// net/http.CrossOriginProtection: no token, no cookie, and it covers the log-in form too. It is
// what a project does by default. Safe methods (GET, HEAD, OPTIONS) always pass, so nothing may
// change on a GET. Programs that send neither Sec-Fetch-Site nor Origin pass as well: they hold no
// visitor's cookies.
//
// # By a token in each form
//
// [Tokens] asks for a token in Django's format, with Django's names, so that forms of a Django
// project which shares the cookies can be posted here and the other way round:
//
//	s.CSRF = &csrf.Tokens{CookieSecure: true}
//	project, err := core.New(s, …)
//
// A random secret lies in the visitor's cookie (or session, see [Tokens.Session]). Every form
// holds it once more, masked so that it looks different each time, and a request that cannot show
// both is refused with 403. Before that its Origin, or under https its Referer, must be the site's
// own or a trusted one. Forms get the token by including "forms/csrf.html" or as {{.csrf_token}};
// scripts send it in the header X-CSRFToken. A page that does not use the token sets no cookie and
// does not vary on it. Routes opt out with [Exempt] and make sure of a cookie with [EnsureCookie];
// logging in calls [Rotate].
//
// # When the token is checked
//
// What remembers the secret, [Checker.Middleware], goes around all other middleware, so that one
// of them may log a visitor in and rotate the secret, and so that the page for 404 shows a token
// like any other. The check itself, [Checker.CheckRoutes], runs inside the router, on a match,
// outside of the route's own wrappers. There it knows whether the route is exempt, and the body is
// limited before it is read. It follows that
//
//   - an unknown path is answered with 404 whatever token came with it, so that answer tells
//     nothing about tokens;
//   - a known path without a token is answered with 403 whatever rule guards it, so that answer
//     tells nothing about rules: whoever may not see a page learns so only with a valid token;
//   - a middleware that answers requests by itself, outside the router, is not covered. In Django
//     it is the same.
//
// The check compares with the secret that the request brought, not with the one that a middleware
// has rotated to meanwhile.
//
// # What it does not do
//
// It does not exempt requests of scripts (X-Requested-With), which other sites can forge. It does
// not help against scripts that run on the site itself.
package csrf
