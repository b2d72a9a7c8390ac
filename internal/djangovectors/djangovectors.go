// Package djangovectors holds known answers that were made by running Django 5.2, and reads
// them for tests. Nothing but tests imports it.
package djangovectors

import (
	_ "embed"
	"encoding/json"
	"testing"
)

//go:embed vectors.json
var file []byte

// Section decodes one section of the file into a slice of T and fails the test when the section
// is missing, empty, or not of the length that the file itself states.
func Section[T any](t testing.TB, name string) []T {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatalf("vectors.json: %v", err)
	}
	var counts map[string]int
	if err := json.Unmarshal(all["counts"], &counts); err != nil {
		t.Fatalf("vectors.json: counts: %v", err)
	}
	var rows []T
	if err := json.Unmarshal(all[name], &rows); err != nil {
		t.Fatalf("vectors.json: section %q: %v", name, err)
	}
	if len(rows) == 0 || len(rows) != counts[name] {
		t.Fatalf("vectors.json: section %q has %d rows, want %d", name, len(rows), counts[name])
	}
	return rows
}
