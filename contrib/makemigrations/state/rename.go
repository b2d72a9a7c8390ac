package state

import (
	"slices"
	"strings"
)

// Rename says that a table, or one of its columns, is called otherwise.
type Rename struct {
	// Table is the column's table, by its name after all renames of tables; empty when
	// a table itself is renamed.
	Table string `json:"table,omitempty"`
	From  string `json:"from"`
	To    string `json:"to"`
	// Model is the model of a renamed table from then on.
	Model string `json:"model,omitempty"`
}

// Inverse returns the rename that takes r back. A model's former name has to be filled in.
func (r Rename) Inverse() Rename { return Rename{Table: r.Table, From: r.To, To: r.From} }

// Apply gives a table or column its new name everywhere in the state, as a database does: in indexes,
// conditions and foreign keys too.
func (s State) Apply(r Rename) {
	for i := range s.Tables {
		t := &s.Tables[i]
		for j := range t.ForeignKeys {
			t.ForeignKeys[j].follow(r)
		}
		switch {
		case r.Table == "" && t.Name == r.From:
			t.Name = r.To
			if r.Model != "" {
				t.Model = r.Model
			}
		case r.Table == t.Name && r.Table != "":
			t.renameColumn(r.From, r.To)
		}
	}
}

// follow renames what a foreign key refers to.
func (fk *ForeignKey) follow(r Rename) {
	switch {
	case r.Table == "" && fk.Table == r.From:
		fk.Table = r.To
	case r.Table == fk.Table && fk.To == r.From:
		fk.To = r.To
	}
}

func (t *Table) renameColumn(from, to string) {
	if c := t.Column(from); c != nil {
		c.Name = to
	}
	replace := func(list []string) {
		for i := range list {
			if list[i] == from {
				list[i] = to
			}
		}
	}
	replace(t.PrimaryKey)
	for _, list := range [][]Index{t.Uniques, t.Indexes} {
		for i := range list {
			replace(list[i].Columns)
			list[i].Where = renameIn(list[i].Where, from, to)
		}
	}
	for i := range t.ForeignKeys {
		if t.ForeignKeys[i].Column == from {
			t.ForeignKeys[i].Column = to
		}
	}
	for i := range t.Checks {
		t.Checks[i].SQL = renameIn(t.Checks[i].SQL, from, to)
	}
}

// renameIn replaces a column's name in a condition, quoted or not. Texts in quotes stay.
func renameIn(sql, from, to string) string {
	var b strings.Builder
	for i := 0; i < len(sql); {
		end := i + 1
		switch c := sql[i]; {
		case c == '\'' || c == '"' || c == '`':
			for end < len(sql) && sql[end] != c {
				end++
			}
			end = min(end+1, len(sql))
			if c != '\'' && sql[i+1:max(end-1, i+1)] == from {
				b.WriteString(string(c) + to + string(c))
				i = end
				continue
			}
		case isWord(c):
			for end < len(sql) && isWord(sql[end]) {
				end++
			}
			if strings.EqualFold(sql[i:end], from) && (end == len(sql) || sql[end] != '(') {
				b.WriteString(to)
				i = end
				continue
			}
		}
		b.WriteString(sql[i:end])
		i = end
	}
	return b.String()
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// FollowOthers brings foreign keys up to date that refer to tables of other apps which were renamed
// since: states are the other apps' tables as they are now, and history all that they
// ever renamed, in order. A foreign key to a table and column that are there is left alone.
func (s State) FollowOthers(states map[string]State, history map[string][]Rename) {
	for i := range s.Tables {
		for j := range s.Tables[i].ForeignKeys {
			fk := &s.Tables[i].ForeignKeys[j]
			other, known := states[fk.App]
			if !known || fk.App == s.App || fk.found(other) {
				continue
			}
			for _, r := range history[fk.App] {
				if fk.follow(r); fk.found(other) {
					break
				}
			}
		}
	}
}

func (fk *ForeignKey) found(s State) bool {
	t := s.Table(fk.Table)
	return t != nil && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == fk.To })
}
