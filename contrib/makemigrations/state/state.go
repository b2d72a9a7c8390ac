// Package state describes the tables of an app without regard to a database: what its models say
// they are ([Of]), and what its migrations have made of them, which is kept as a file beside each
// migration ([Decode], [State.Encode]). Comparing the two is the business of package plan.
//
// Types are spelled as in [ParseType]. Names of indexes, unique rules and foreign keys that the
// models leave open are made here, and an element keeps the name it once got, whatever its table
// and columns are called later; see [State.KeepNames].
package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// State is an app's tables after one of its migrations. The zero value is an app without tables.
type State struct {
	// App is the app's label.
	App string `json:"app"`
	// After is the name of the app's migration before this one, empty for the first.
	After string `json:"after,omitempty"`
	// Base says that the migrations before this one have no snapshots.
	Base bool `json:"base,omitempty"`
	// Renamed are the tables and columns that the migration gave other names, in order.
	Renamed []Rename `json:"renamed,omitempty"`
	// Tables are in the order of their names.
	Tables []Table `json:"tables"`
}

// Table is a table with all that hangs on it.
type Table struct {
	Name string `json:"name"`
	// Model is the model whose table it is, in lower case; a table of pairs has the name of the
	// model that brings it, with the table's own after a slash.
	Model       string       `json:"model"`
	Columns     []Column     `json:"columns"`
	PrimaryKey  []string     `json:"primary_key,omitempty"`
	ForeignKeys []ForeignKey `json:"foreign_keys,omitempty"`
	Uniques     []Index      `json:"uniques,omitempty"`
	Indexes     []Index      `json:"indexes,omitempty"`
	Checks      []Check      `json:"checks,omitempty"`
}

// Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
	Null bool   `json:"null,omitempty"`
	// Identity says that the database numbers the rows.
	Identity bool `json:"identity,omitempty"`
	// Default is SQL; empty for none.
	Default string `json:"default,omitempty"`
}

// ForeignKey says that a column holds keys of a table.
type ForeignKey struct {
	Name   string `json:"name"`
	Column string `json:"column"`
	// App, Table and To are the app, the table and the column that it refers to.
	App   string `json:"app"`
	Table string `json:"table"`
	To    string `json:"to"`
	// OnDelete is empty for NO ACTION.
	OnDelete string `json:"on_delete,omitempty"`

	auto bool // the name was made here
}

// Index is an index, or a unique rule.
type Index struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	// Where is a condition in SQL; empty for all rows.
	Where string `json:"where,omitempty"`
	// Concurrently says how it is made on PostgreSQL.
	Concurrently bool `json:"concurrently,omitempty"`

	auto bool
}

// Check is a condition on the rows.
type Check struct {
	Name string `json:"name"`
	SQL  string `json:"check"`
}

// Decode reads what [State.Encode] wrote. A field that is not known is an error: it may have been
// written by a later version that means something by it.
func Decode(text []byte) (State, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var s State
	if err := d.Decode(&s); err != nil {
		return State{}, fmt.Errorf("the snapshot cannot be read: %w", err)
	}
	return s, nil
}

// Encode writes the state as JSON, always in the same order, a line for each thing.
func (s State) Encode() ([]byte, error) {
	s.sort()
	if s.Tables == nil {
		s.Tables = []Table{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// sort puts everything whose order means nothing into the order of names.
func (s State) sort() {
	slices.SortFunc(s.Tables, func(a, b Table) int { return compare(a.Name, b.Name) })
	for _, t := range s.Tables {
		slices.SortFunc(t.ForeignKeys, func(a, b ForeignKey) int { return compare(a.Name, b.Name) })
		slices.SortFunc(t.Uniques, func(a, b Index) int { return compare(a.Name, b.Name) })
		slices.SortFunc(t.Indexes, func(a, b Index) int { return compare(a.Name, b.Name) })
		slices.SortFunc(t.Checks, func(a, b Check) int { return compare(a.Name, b.Name) })
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Clone returns a copy that shares nothing with s.
func (s State) Clone() State {
	s.Renamed = slices.Clone(s.Renamed)
	s.Tables = slices.Clone(s.Tables)
	for i, t := range s.Tables {
		t.Columns = slices.Clone(t.Columns)
		t.PrimaryKey = slices.Clone(t.PrimaryKey)
		t.ForeignKeys = slices.Clone(t.ForeignKeys)
		t.Uniques, t.Indexes = cloneIndexes(t.Uniques), cloneIndexes(t.Indexes)
		t.Checks = slices.Clone(t.Checks)
		s.Tables[i] = t
	}
	return s
}

func cloneIndexes(list []Index) []Index {
	list = slices.Clone(list)
	for i := range list {
		list[i].Columns = slices.Clone(list[i].Columns)
	}
	return list
}

// Table returns the table of a name, which may be changed in place; nil when there is none.
func (s State) Table(name string) *Table {
	for i := range s.Tables {
		if s.Tables[i].Name == name {
			return &s.Tables[i]
		}
	}
	return nil
}

// TableOf returns the table of a model; nil when there is none.
func (s State) TableOf(model string) *Table {
	for i := range s.Tables {
		if s.Tables[i].Model == model {
			return &s.Tables[i]
		}
	}
	return nil
}

// Column returns the column of a name, which may be changed in place; nil when there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}
