package docs_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiagrams wants each picture of the design to be the one of its source.
func TestDiagrams(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob(filepath.Join(root, "docs/design/*.dot"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no diagrams: %v", err)
	}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := os.ReadFile(strings.TrimSuffix(source, ".dot") + ".svg")
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(picture), fmt.Sprintf("sha256 %x", sha256.Sum256(text))) {
			t.Errorf("the picture is older than %s: make docs", source)
		}
	}
}
