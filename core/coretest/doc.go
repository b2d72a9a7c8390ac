// Package coretest tests whole projects: from an HTTP request to the database and back, on SQLite
// and PostgreSQL.
//
//	var project = coretest.New(polls.NewProject)
//
//	func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }
//
//	func TestVote(t *testing.T) {
//		t.Parallel()
//		project.Each(t, func(t *testing.T, s *coretest.Site) {
//			b := s.Browser()
//			page := b.Get(t, "/polls/1/")
//			…
//		})
//	}
//
// The project is migrated once for each kind of database; each test works on a copy of its own.
// PostgreSQL is the server that TEST_DATABASE_URL names, or one on 127.0.0.1:5432 that lets the
// user postgres in. Without either its subtests are skipped and say so; with REQUIRE_POSTGRES=1
// they fail.
//
// With TEST_CACHE=1 every site has the cache of package changes on, with an age of an hour, so that
// a suite can be run with and without it. Statements are counted in either case: with the cache on,
// reading takes as many or fewer, and writing as many, since word of a change is not counted. So "at
// most n" holds and means the same.
package coretest
