// Package e2e holds tests that use the demo as a person does: in a browser, with a keyboard.
package e2e
