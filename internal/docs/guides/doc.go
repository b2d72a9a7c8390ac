// Package guides holds the code that the guides in docs/ show, as tests that run: a page names the
// file that its code is part of, and TestCode of internal/docs compares them.
package guides
