// Package djangotest holds the live suite: a Django project and a Belleville project on one
// database, with one SECRET_KEY and one cookie, behind one address. People go back and forth
// between them, and each step is taken in both directions, on SQLite and PostgreSQL.
//
// The Djangos come from Debian's packages, unpacked aside by install.sh; DJANGO_PYTHONPATH names any
// other (what PYTHONPATH has to be), and DJANGO_PYTHON the interpreter, /usr/bin/python3 unless set.
// The suite runs with the newest Django it finds, with DJANGO_ALL=1 with each, and says
//
//	django=5.2.19 steps run=90 skipped=0
//
// for each. Without any it is skipped; with REQUIRE_DJANGO=1 a missing 4.2 is a failure.
//
// The folder site is the Django project. There is no Go code here but the tests.
package djangotest
