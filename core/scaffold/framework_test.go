package scaffold_test

import (
	"runtime/debug"
	"testing"

	"github.com/go-belleville/belleville/core/scaffold"
)

// TestBuildInfo: only a version that others can download is written into go.mod, and only a folder
// that is the same from everywhere.
func TestBuildInfo(t *testing.T) {
	t.Parallel()
	const own = "github.com/go-belleville/belleville"
	stamped := []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}}
	dep := func(version string, replace *debug.Module) []*debug.Module {
		return []*debug.Module{{Path: "github.com/uptrace/bun", Version: "v9.9.9"}, {Path: own, Version: version, Replace: replace}}
	}
	for _, tt := range []struct {
		name              string
		info              *debug.BuildInfo
		published, folder string
	}{
		{"nothing is known", nil, "", ""},
		{"go install of a version", &debug.BuildInfo{Main: debug.Module{Path: own, Version: "v1.2.3"}}, "v1.2.3", ""},
		{"a checkout with a stamp", &debug.BuildInfo{Main: debug.Module{Path: own, Version: "v1.2.4-0.20261122000000-abcdefabcdef"}, Settings: stamped}, "", ""},
		{"a checkout without", &debug.BuildInfo{Main: debug.Module{Path: own, Version: "(devel)"}}, "", ""},
		{"a checkout that was changed", &debug.BuildInfo{Main: debug.Module{Path: own, Version: "v1.2.3+dirty"}}, "", ""},
		{"a project with a version", &debug.BuildInfo{Main: debug.Module{Path: "shop"}, Deps: dep("v1.2.3", nil), Settings: stamped}, "v1.2.3", ""},
		{"a project with a folder", &debug.BuildInfo{Deps: dep("v0.0.0", &debug.Module{Path: "/src/belleville"})}, "", "/src/belleville"},
		{"a project with a folder of its neighbour", &debug.BuildInfo{Deps: dep("v0.0.0", &debug.Module{Path: "../belleville"})}, "", ""},
		{"a project with a fork", &debug.BuildInfo{Deps: dep("v1.2.3", &debug.Module{Path: "example.com/fork", Version: "v1.0.0"})}, "", ""},
	} {
		if got := scaffold.Published(tt.info); got != tt.published {
			t.Errorf("%s: the version %q, want %q", tt.name, got, tt.published)
		}
		if got := scaffold.ReplacedBy(tt.info); got != tt.folder {
			t.Errorf("%s: the folder %q, want %q", tt.name, got, tt.folder)
		}
	}
}
