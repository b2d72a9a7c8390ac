package makemigrations

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

// snapshotEnd ends the name of a snapshot.
const snapshotEnd = ".schema.json"

// folder is what lies in an app's folder of migrations.
type folder struct {
	app, dir string
	shown    string            // the folder for people
	names    []string          // of the migrations, in order
	kept     map[string][]byte // snapshots by the name of their migration
	inGo     map[string]bool   // migrations that are functions in Go

	state   state.State    // after the last migration
	history []state.Rename // of all migrations, in order
}

var (
	numbered  = regexp.MustCompile(`^[0-9]+`)
	sqlEnding = regexp.MustCompile(`(\.postgres|\.sqlite)?(\.down)?\.sql$`)
)

// list reads which migrations and snapshots there are. functions are the names of migrations that are
// no files. A folder that is not there is empty.
func list(app, dir, shown string, functions []string) (*folder, error) {
	f := &folder{app: app, dir: dir, shown: shown, kept: map[string][]byte{}, inGo: map[string]bool{}}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	found := map[string]bool{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if name, ok := strings.CutSuffix(e.Name(), snapshotEnd); ok {
			if f.kept[name], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
				return nil, err
			}
		} else if strings.HasSuffix(e.Name(), ".sql") {
			found[sqlEnding.ReplaceAllString(e.Name(), "")] = true
		}
	}
	for _, name := range functions {
		found[name], f.inGo[name] = true, true
	}
	f.names = slices.SortedFunc(maps.Keys(found), func(a, b string) int {
		if d := numberOf(a) - numberOf(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return f, f.checkNames(found)
}

func (f *folder) checkNames(found map[string]bool) error {
	for i, name := range f.names {
		if !numbered.MatchString(name) {
			return fmt.Errorf("%s: the migration %s does not begin with a number", f.app, name)
		}
		if i > 0 && numberOf(f.names[i-1]) == numberOf(name) {
			return fmt.Errorf("%s: the migrations %s and %s have one number: keep the one that others have applied, delete the files of the other, and run makemigrations again",
				f.app, f.names[i-1], name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.kept)) {
		if !found[name] {
			return fmt.Errorf("%s: the snapshot %s belongs to no migration: delete it", f.app, f.label(name))
		}
	}
	return nil
}

// numberOf is the number that a name begins with; 0 for none.
func numberOf(name string) int {
	n, _ := strconv.Atoi(numbered.FindString(name))
	return n
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// label is the path of a snapshot for people.
func (f *folder) label(name string) string { return f.shown + "/" + name + snapshotEnd }

// last is the name of the last migration, empty for none.
func (f *folder) last() string {
	if len(f.names) == 0 {
		return ""
	}
	return f.names[len(f.names)-1]
}

// next is the number of the next migration.
func (f *folder) next() int { return numberOf(f.last()) + 1 }

// read reads the snapshots. There has to be one for each migration, made after the one before it.
func (f *folder) read() error {
	f.state = state.State{App: f.app}
	missing, before := "", ""
	for _, name := range f.names {
		text, ok := f.kept[name]
		if !ok {
			if missing == "" {
				missing = name
			}
			before = name
			continue
		}
		s, err := state.Decode(text)
		if err != nil {
			return fmt.Errorf("%s: %w", f.label(name), err)
		}
		if err := f.follows(s, name, before); err != nil {
			return err
		}
		if s.Base {
			missing = ""
		}
		f.state, before = s, name
		f.history = append(f.history, s.Renamed...)
	}
	if missing != "" {
		return fmt.Errorf("%s: the migration %s has no snapshot %s: fetch it from version control; or, when the migration is written by hand "+
			"and leads to what the models say now, run `makemigrations %s --snapshot`", f.app, missing, f.label(missing), f.app)
	}
	return nil
}

// follows reports a snapshot that was made for another place.
func (f *folder) follows(s state.State, name, before string) error {
	switch {
	case s.App != f.app:
		return fmt.Errorf("%s is of the app %s, not of %s", f.label(name), s.App, f.app)
	case s.After != before:
		made, now := "as the first migration", "and there is none before it now"
		if s.After != "" {
			made = "after " + s.After
		}
		if before != "" {
			now = "and now comes after " + before
		}
		return fmt.Errorf("%s: the migration %s was made %s, %s: what the other one does would be lost. Delete its files and run makemigrations again, "+
			"which writes it anew", f.app, name, made, now)
	}
	return nil
}
