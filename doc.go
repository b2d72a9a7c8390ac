// Package belleville is the root of Belleville, a web framework for Go with a Django-like app
// registry and Django's authentication system, whole.
//
// The root exports nothing. A project is built from values: start with
// [github.com/go-belleville/belleville/core] for Project, App and Settings, with
// [github.com/go-belleville/belleville/contrib/auth] for users, permissions and login, and read
// examples/polls, a complete app, first.
//
// The packages lie in thirteen lines, and a package imports only from lines above its own:
//
//	 1  core/signals  core/command  core/check  core/signing  core/mail  core/database  migrate  templates  core/logging
//	 2  core/web  core/scaffold  core/changes
//	 3  core/csrf  core/templates
//	 4  core/forms
//	 5  core
//	 6  contrib/contenttypes  contrib/sessions  contrib/makemigrations/state
//	 7  contrib/sessions/<store>  contrib/auth/hashers  contrib/auth/password  contrib/auth/tokens  contrib/auth/names  contrib/makemigrations/plan
//	 8  contrib/auth  contrib/makemigrations
//	 9  contrib/auth/authforms  contrib/messages  contrib/djangocheck
//	10  contrib/auth/authviews  contrib/admin
//	11  contrib/auth/authadmin
//	12  examples/...  bench/internal/rig
//	13  cmd/manage  bench  bench/*
//
// A package named …test (core/coretest) stands one line below what it tests and is imported by
// tests only. The table and its rules are a test beside this file, layers_test.go.
package belleville
