// Package e2e holds tests that use the demo as a person does: in a browser, with a keyboard. One of
// them stands it beside a real Django.
package e2e
