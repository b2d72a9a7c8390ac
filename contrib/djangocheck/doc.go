// Package djangocheck looks at a database that is shared with a Django project and says what would
// not fit. It is one line in a project:
//
//	a := auth.New(…)
//	return core.New(s, types.App(), sess.App(), a.App(), djangocheck.New(a).App(), …)
//
// and brings one command:
//
//	$ manage djangocheck --django 4.2
//	ERROR (djangocheck.E031) Django 4.2 hashes passwords with pbkdf2_sha256 at 600000 iterations, and …  Fix: …
//	WARNING (djangocheck.W060) 2 content type(s) of this project's apps have no model: polls.ballot, …  Fix: …
//	1 error(s), 1 warning(s); looked at 2000 users and 412 live sessions.
//
// Errors come first: each is something that breaks for somebody, and makes the exit status 1. Warnings
// are what may be meant so. Nothing is changed, and no key, hash, session or name of a user is shown.
//
// # What it looks at
//
//	E001 – W005  the tables, and Django's migrations of contenttypes, auth, sessions and the user model
//	E020 – W024  the table of the user model: AUTH_USER_MODEL, its columns, its groups and permissions
//	E030 – W034  password hashes: algorithms and costs that the other side would make anew
//	E040 – W047  live sessions: SECRET_KEY, SESSION_SERIALIZER, backends, where they are kept
//	E050 – W054  times: formats of SQLite's text, types of PostgreSQL's columns, USE_TZ
//	W060 – W061  content types
//
// It reads a sample, by default 2,000 users and 2,000 live sessions: the oldest and the newest
// users, and the sessions that live longest. What it cannot see are Django's settings. With --django it
// takes that version's default PASSWORD_HASHERS for the ones in use.
package djangocheck
