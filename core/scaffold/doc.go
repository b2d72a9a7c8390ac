// Package scaffold has the commands that write code to begin with: startproject and startapp.
//
//	manage startproject shop          a project in ./shop, which `make run` and `make test` take as it is
//	manage startapp billing           one more app, in ./billing of a project
//
// What they copy lies below templates/project and templates/app of this module. Nothing is ever
// overwritten, no program is started and the network is not used. The commands need neither settings
// nor a database; package core gives them to every project.
package scaffold
