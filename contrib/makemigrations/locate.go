package makemigrations

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
	"github.com/go-belleville/belleville/core"
)

// errElsewhere says that an app's code is in another module.
var errElsewhere = errors.New("is in another module: its migrations are its authors' work")

// errNoFolder says that an app has no models and no snapshots.
var errNoFolder = errors.New("has no models and no migrations of this command")

// module is the module whose source lies around the working folder.
type module struct {
	path, root string
	found      map[string][]string // folders with snapshots by app; nil until somebody asks
}

// findModule looks for go.mod in a folder and those above it.
func findModule(dir string) (*module, error) {
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			return &module{path: modfile.ModulePath(text), root: dir}, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return nil, errors.New("there is no go.mod here or above: run it in the project's folder")
		}
		dir = up
	}
}

// folderOf returns the folder of an app's migrations: beside its models, or where its snapshots lie.
func (m *module) folderOf(p *core.Project, label string) (string, error) {
	packages := packagesOf(p, label)
	for _, pkg := range packages {
		rest, ok := strings.CutPrefix(pkg, m.path)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		dir := filepath.Join(m.root, filepath.FromSlash(rest), "migrations")
		own := filepath.Join(dir, label)
		if hasSnapshots(own, label) || !hasSnapshots(dir, label) && shared(p, label, pkg) {
			dir = own
		}
		return dir, nil
	}
	if len(packages) > 0 {
		return "", errElsewhere
	}
	return m.search(label)
}

// shared reports whether a package has the models of another app, too.
func shared(p *core.Project, label, pkg string) bool {
	return slices.ContainsFunc(p.Apps(), func(other core.App) bool {
		return other.Label != label && slices.Contains(packagesOf(p, other.Label), pkg)
	})
}

// hasSnapshots reports whether a folder has snapshots of an app. One that cannot be read has none here; whoever
// works on it says so.
func hasSnapshots(dir, label string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "*"+snapshotEnd))
	return slices.ContainsFunc(files, func(file string) bool {
		text, _ := os.ReadFile(file)
		s, err := state.Decode(text)
		return err == nil && s.App == label
	})
}

// packagesOf lists the packages of an app's models.
func packagesOf(p *core.Project, label string) []string {
	var found []string
	for _, model := range p.Models() {
		if model.AppLabel() != label || model.IsProxy() {
			continue
		}
		pkg := model.Type().PkgPath()
		if info, ok := debug.ReadBuildInfo(); ok && pkg == "main" {
			pkg = info.Path
		}
		if !slices.Contains(found, pkg) {
			found = append(found, pkg)
		}
	}
	return found
}

// search returns the folder with the snapshots of an app that has no models any more.
func (m *module) search(label string) (string, error) {
	if m.found == nil {
		if err := m.walk(); err != nil {
			return "", err
		}
	}
	switch dirs := m.found[label]; len(dirs) {
	case 0:
		return "", errNoFolder
	case 1:
		return dirs[0], nil
	default:
		return "", fmt.Errorf("has snapshots in several folders: %s; name the right one by --dir", strings.Join(dirs, ", "))
	}
}

// walk notes the folders that have snapshots.
func (m *module) walk() error {
	m.found = map[string][]string{}
	return filepath.WalkDir(m.root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != m.root && (strings.HasPrefix(e.Name(), ".") || slices.Contains([]string{"vendor", "node_modules", "testdata"}, e.Name())):
			return filepath.SkipDir
		case e.IsDir() || !strings.HasSuffix(path, snapshotEnd):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		if s, err := state.Decode(text); err == nil && !slices.Contains(m.found[s.App], dir) {
			m.found[s.App] = append(m.found[s.App], dir)
		}
		return nil
	})
}
