package state

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// maxName is the longest name in PostgreSQL, in bytes.
const maxName = 63

// autoName makes the name of an index or constraint: the table, its columns and what it is. One that
// is too long is cut and gets a few digits of its own.
func autoName(table string, columns []string, kind string) string {
	name := table + "_" + strings.Join(columns, "_") + "_" + kind
	if len(name) <= maxName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	end := "_" + hex.EncodeToString(sum[:4]) + "_" + kind
	return strings.ToValidUTF8(name[:maxName-len(end)], "") + end
}

// KeepNames lets the indexes, unique rules and foreign keys whose names were made here keep the names
// that they have in an earlier state, so that renaming a table or column does not make
// them anew. Names that were made here and are taken by now get a number.
func (s State) KeepNames(earlier State) {
	taken := map[string]bool{}
	for i := range s.Tables {
		t := &s.Tables[i]
		if old := earlier.Table(t.Name); old != nil {
			t.keepNames(old)
		}
		t.eachName(func(name *string, auto bool) {
			if !auto {
				taken[*name] = true
			}
		})
	}
	for i := range s.Tables {
		s.Tables[i].eachName(func(name *string, auto bool) {
			if auto {
				*name = free(*name, taken)
				taken[*name] = true
			}
		})
	}
}

// keepNames takes over the names of equal elements; they count as given from then on.
func (t *Table) keepNames(old *Table) {
	keepIndexes(t.Uniques, old.Uniques)
	keepIndexes(t.Indexes, old.Indexes)
	for i, fk := range t.ForeignKeys {
		at := slices.IndexFunc(old.ForeignKeys, func(o ForeignKey) bool { return o.Column == fk.Column })
		if fk.auto && at >= 0 {
			t.ForeignKeys[i].Name, t.ForeignKeys[i].auto = old.ForeignKeys[at].Name, false
		}
	}
}

func keepIndexes(list, old []Index) {
	for i, idx := range list {
		at := slices.IndexFunc(old, func(o Index) bool { return slices.Equal(o.Columns, idx.Columns) && o.Where == idx.Where })
		if idx.auto && at >= 0 {
			list[i].Name, list[i].auto = old[at].Name, false
		}
	}
}

func (t *Table) eachName(f func(name *string, auto bool)) {
	for i := range t.Uniques {
		f(&t.Uniques[i].Name, t.Uniques[i].auto)
	}
	for i := range t.Indexes {
		f(&t.Indexes[i].Name, t.Indexes[i].auto)
	}
	for i := range t.ForeignKeys {
		f(&t.ForeignKeys[i].Name, t.ForeignKeys[i].auto)
	}
}

// free returns a name that is not taken.
func free(name string, taken map[string]bool) string {
	tried := name
	for n := 2; taken[tried]; n++ {
		end := "_" + string(rune('0'+n%10))
		if n > 9 {
			end = "_" + hex.EncodeToString([]byte{byte(n >> 8), byte(n)})
		}
		tried = name[:min(len(name), maxName-len(end))] + end
	}
	return tried
}
