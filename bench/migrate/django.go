package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// project is the settings and manage.py of Django's side in one file.
//
//go:embed many.py
var project string

// writeDjango writes a project of Django's with the same apps and models.
func writeDjango(dir string) error {
	files := map[string]string{"many.py": project}
	for i := range 20 {
		models := "from django.db import models\n"
		for j := range 50 {
			models += fmt.Sprintf("\n\nclass Model%d(models.Model):\n    class Meta:\n        managed = False\n", j)
		}
		app := fmt.Sprintf("app%d", i)
		files[filepath.Join(app, "__init__.py")], files[filepath.Join(app, "models.py")] = "", models
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			return err
		}
	}
	return nil
}
