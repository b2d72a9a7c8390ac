package migrate

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/uptrace/bun/dialect"
)

// Files returns the migrations that lie in a file system as SQL, usually an [embed.FS], in whatever
// folder of it. The files of a migration 0002_poll_closed are
//
//	0002_poll_closed.sql            the statements, for both databases
//	0002_poll_closed.postgres.sql   or one file for each
//	0002_poll_closed.sqlite.sql
//	0002_poll_closed.down.sql       the way back, where there is one; also
//	0002_poll_closed.postgres.down.sql and .sqlite.down.sql
//
// A file for one database goes before one for both. Files that do not end in .sql are left alone.
//
// Comments at the top of a file, before its first statement, say what the name does not:
//
//	-- requires: auth.0001_initial, contenttypes.0002_remove_content_type_name
//	-- replaces: 0001_initial, 0002_add_votes
//	-- atomic: false
//
// They are Requires, Replaces and NonAtomic of [Migration]. A file for the way back may
// only say atomic. An empty file is a migration that does nothing on that database.
//
// [embed.FS]: https://pkg.go.dev/embed#FS
func Files(fsys fs.FS) Source { return files{fsys} }

type files struct{ fsys fs.FS }

// variants are the files of one migration by what stands between its name and ".sql".
type variants map[string]string

// suffixes are all that may stand there.
var suffixes = []string{".postgres.down", ".sqlite.down", ".down", ".postgres", ".sqlite", ""}

// Migrations implements [Source].
func (f files) Migrations(d dialect.Name) ([]Migration, error) {
	all := make(map[string]variants)
	err := fs.WalkDir(f.fsys, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(p) != ".sql" {
			return err
		}
		return addFile(all, p)
	})
	if err != nil {
		return nil, err
	}
	var migrations []Migration
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m, err := f.read(name, all[name], d)
		if err != nil {
			return nil, err
		}
		migrations = append(migrations, m)
	}
	return migrations, nil
}

// addFile sorts one file in.
func addFile(all map[string]variants, p string) error {
	name := strings.TrimSuffix(path.Base(p), ".sql")
	for _, suffix := range suffixes {
		stem, ok := strings.CutSuffix(name, suffix)
		if !ok {
			continue
		}
		if strings.Contains(stem, ".") {
			return fmt.Errorf("%s: the name is not understood: write NAME.sql, NAME.postgres.sql or NAME.sqlite.sql, and the same with .down.sql", p)
		}
		if all[stem] == nil {
			all[stem] = make(variants)
		}
		if other, ok := all[stem][suffix]; ok {
			return fmt.Errorf("%s and %s are the same migration: rename one", other, p)
		}
		all[stem][suffix] = p
		break
	}
	return nil
}

// read makes a migration of its files.
func (f files) read(name string, v variants, d dialect.Name) (Migration, error) {
	kind := ".sqlite"
	if d == dialect.PG {
		kind = ".postgres"
	}
	up, ok := first(v, kind, "")
	if !ok {
		return Migration{}, fmt.Errorf("the migration %s has no statements for this database: add the file %s%s.sql, which may be empty, beside %s",
			name, name, kind, v[slices.Sorted(maps.Keys(v))[0]])
	}
	text, h, err := f.readFile(up)
	if err != nil {
		return Migration{}, err
	}
	m := Migration{Name: name, Requires: h.requires, Replaces: h.replaces, NonAtomic: h.nonAtomic, UpSQL: text}
	down, ok := first(v, kind+".down", ".down")
	if !ok {
		return m, nil
	}
	if m.DownSQL, h, err = f.readFile(down); err != nil {
		return Migration{}, err
	}
	if len(h.requires)+len(h.replaces) > 0 {
		return Migration{}, fmt.Errorf("%s: a file for the way back has no header requires or replaces: write it in %s", down, up)
	}
	if h.nonAtomic != m.NonAtomic {
		return Migration{}, fmt.Errorf("%s and %s do not agree on the header atomic: write the same in both", up, down)
	}
	return m, nil
}

// first returns the first of the named variants that is there.
func first(v variants, suffixes ...string) (string, bool) {
	for _, s := range suffixes {
		if p, ok := v[s]; ok {
			return p, true
		}
	}
	return "", false
}

// readFile returns a file's text and header. The text of an empty file is not empty, so that it
// counts as statements.
func (f files) readFile(p string) (string, header, error) {
	content, err := fs.ReadFile(f.fsys, p)
	if err != nil {
		return "", header{}, err
	}
	text := strings.TrimPrefix(string(content), "\ufeff")
	h, err := parseHeader(text)
	if err != nil {
		return "", header{}, fmt.Errorf("%s: %w", p, err)
	}
	if text == "" {
		text = "\n"
	}
	return text, h, nil
}
