package templatestest_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/templates/templatestest"
)

func TestSet(t *testing.T) {
	t.Parallel()
	templatestest.TestEngine(t, templatestest.Subject{
		New: func(_ *testing.T, pages map[string]string, providers map[string]templates.Provider) templates.Engine {
			files := fstest.MapFS{}
			for name, text := range pages {
				files[name] = &fstest.MapFile{Data: []byte(text)}
			}
			return templates.New(templates.Config{Sources: []fs.FS{files}, Providers: providers})
		},
		Greeting: `Hello {{.name}}`,
		Provided: `{{.user}}{{.user}}`,
		Branch:   `{{if .show}}{{.user}}{{end}}`,
		Broken:   strings.Repeat("so far so good ", 400) + `{{index .list 7}}`,
	})
}
