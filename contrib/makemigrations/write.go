package makemigrations

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/contrib/makemigrations/plan"
	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

// file is a file to be written.
type file struct {
	path string
	text []byte
}

// writeAll writes files that are not there yet. When one cannot be written, those before it are removed.
func writeAll(files []file) error {
	for i, f := range files {
		if err := write(f); err != nil {
			for _, done := range files[:i] {
				err = errors.Join(err, os.Remove(done.path))
			}
			return err
		}
	}
	return nil
}

func write(f file) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
		return err
	}
	out, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = out.Write(f.text)
	return errors.Join(err, out.Close())
}

// shown is a path as people see it: from the folder they work in, with slashes.
func (r *run) shown(path string) string {
	if rel, err := filepath.Rel(r.root, path); err == nil && !strings.HasPrefix(rel, "..") {
		path = rel
	}
	return filepath.ToSlash(path)
}

// migration is one that is about to be written.
type migration struct {
	app      *app
	name     string
	step     plan.Step
	changes  []plan.Change
	requires []string
	noWay    string // why there is no way back; empty when there is one
	losses   []string
}

// texts returns the migration's files.
func (m *migration) texts() ([]file, error) {
	snapshot, err := m.snapshot()
	if err != nil {
		return nil, err
	}
	up, down := map[plan.Kind]string{}, map[plan.Kind]string{}
	for _, kind := range []plan.Kind{plan.Postgres, plan.SQLite} {
		statements, losses, err := m.step.Down(kind)
		var none *plan.NoWayBack
		switch {
		case errors.As(err, &none):
			m.noWay = none.Reason
		case err != nil:
			return nil, err
		default:
			m.losses = losses
			down[kind] = m.head(kind, true) + m.join(kind, statements)
		}
		if statements, err = m.step.Up(kind); err != nil {
			return nil, err
		}
		up[kind] = m.head(kind, false) + m.join(kind, statements)
	}
	files := m.files(up, "")
	if m.noWay == "" {
		files = append(files, m.files(down, ".down")...)
	}
	return append(files, file{m.app.path(m.name + snapshotEnd), snapshot}), nil
}

// files makes one file of texts that are the same, or else one for each kind of database.
func (m *migration) files(texts map[plan.Kind]string, end string) []file {
	if texts[plan.Postgres] == texts[plan.SQLite] {
		return []file{{m.app.path(m.name + end + ".sql"), []byte(texts[plan.SQLite])}}
	}
	return []file{
		{m.app.path(m.name + ".postgres" + end + ".sql"), []byte(texts[plan.Postgres])},
		{m.app.path(m.name + ".sqlite" + end + ".sql"), []byte(texts[plan.SQLite])},
	}
}

// head is what stands above the statements.
func (m *migration) head(kind plan.Kind, down bool) string {
	var b strings.Builder
	if !down && len(m.requires) > 0 {
		fmt.Fprintf(&b, "-- requires: %s\n", strings.Join(m.requires, ", "))
	}
	if m.step.Concurrently && kind == plan.Postgres {
		b.WriteString("-- atomic: false\n")
	}
	if down {
		for _, loss := range m.losses {
			fmt.Fprintf(&b, "-- %s\n", loss)
		}
	} else {
		for _, r := range m.step.Renames {
			fmt.Fprintf(&b, "-- %s\n", renameText(r))
		}
		for _, c := range m.changes {
			fmt.Fprintf(&b, "-- %s\n", c.Text)
		}
		if m.noWay != "" {
			fmt.Fprintf(&b, "-- There is no way back, since %s\n", m.noWay)
		}
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// join puts statements into a text. Outside a transaction PostgreSQL gets them one by one.
func (m *migration) join(kind plan.Kind, statements []string) string {
	between := ";\n"
	if m.step.Concurrently && kind == plan.Postgres {
		between = ";\n-- split\n"
	}
	if len(statements) == 0 {
		return ""
	}
	return strings.Join(statements, between) + ";\n"
}

// snapshot is the state after the migration.
func (m *migration) snapshot() ([]byte, error) {
	s := m.step.To.Clone()
	s.App, s.After, s.Renamed, s.Base = m.app.app, m.app.latest, m.step.Renames, false
	return s.Encode()
}

// renameText says what a rename does.
func renameText(r state.Rename) string {
	if r.Table == "" {
		return fmt.Sprintf("Rename the table %s to %s", r.From, r.To)
	}
	return fmt.Sprintf("Rename the column %s of %s to %s", r.From, r.Table, r.To)
}

// nameOf makes the name of a migration from what it does.
func nameOf(first bool, given string, step plan.Step, changes []plan.Change) string {
	switch {
	case given != "":
		return given
	case first:
		return "initial"
	}
	var parts []string
	for _, r := range step.Renames {
		parts = append(parts, "rename_"+r.From+"_"+r.To)
	}
	for _, c := range changes {
		if !slices.Contains(parts, c.Name) {
			parts = append(parts, c.Name)
		}
	}
	name := parts[0]
	for _, part := range parts[1:] {
		if len(name)+len(part) > maxDescription {
			name += "_and_more"
			break
		}
		name += "_" + part
	}
	return clean(name)
}

// maxDescription is about how long a name made from changes gets.
const maxDescription = 50

// clean leaves small letters, digits and _ of a name.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
	if len(name) > 2*maxDescription {
		name = name[:2*maxDescription]
	}
	return name
}

// numberedName puts the number before a name.
func numberedName(n int, name string) string { return fmt.Sprintf("%04d_%s", n, name) }
