// Package directory is a site whose people log in with their names and passwords of a directory, as
// a company has one in LDAP. It is the example for writing a back end of one's own.
//
//	backend.go    the back end: asks the directory, keeps a local user for each person
//	memory.go     a directory in memory, in place of a server
//	project.go    a site with both back ends: the directory first, then local passwords
//
// The directory is asked for two things that LDAP can do, see [Directory]; a connection of an LDAP
// library fits behind it in a few lines.
package directory
