package scaffold

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

const modulePath = "github.com/go-belleville/belleville"

// framework says what a go.mod asks for: a version of this module, and the folder that takes its
// place or "". A folder that is named must be a checkout; without one it is that from which the running
// program was built, or one around the working directory, or none when the program was built from a
// published version.
func framework(named string) (version, folder string, err error) {
	if named != "" {
		folder, err := filepath.Abs(named)
		if err != nil {
			return "", "", err
		}
		if modulePathOf(folder) != modulePath {
			return "", "", fmt.Errorf("%s is no checkout of Belleville: --replace names the folder with its go.mod", named)
		}
		return "v0.0.0", folder, nil
	}
	info, _ := debug.ReadBuildInfo()
	for _, folder := range []string{replacedBy(info), sourceFolder(), moduleAround(".")} {
		if folder != "" && modulePathOf(folder) == modulePath {
			return "v0.0.0", folder, nil
		}
	}
	if v := published(info); v != "" {
		return v, "", nil
	}
	return "", "", errors.New("this program was built from a folder that is not there any more, and go.mod must name one: " +
		"give --replace with the folder of Belleville's checkout")
}

// replacedBy returns the folder that took this module's place when the program was built.
func replacedBy(info *debug.BuildInfo) string {
	if info == nil {
		return ""
	}
	for _, dep := range info.Deps {
		if dep.Path == modulePath && dep.Replace != nil && filepath.IsAbs(dep.Replace.Path) {
			return dep.Replace.Path
		}
	}
	return ""
}

// sourceFolder returns the folder of the module's source, "" when the program was built with
// -trimpath or from the module cache.
func sourceFolder() string {
	_, name, _, ok := runtime.Caller(0)
	folder := filepath.Dir(filepath.Dir(filepath.Dir(name)))
	if !ok || !filepath.IsAbs(name) || strings.Contains(filepath.Base(folder), "@") {
		return ""
	}
	return folder
}

var releasePattern = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+[-.0-9A-Za-z]*$`)

// published returns the version that the program was built from, "" when it is nobody else's.
func published(info *debug.BuildInfo) string {
	if info == nil {
		return ""
	}
	version := ""
	stamped := slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" })
	if info.Main.Path == modulePath && !stamped {
		version = info.Main.Version
	}
	for _, dep := range info.Deps {
		if dep.Path == modulePath && dep.Replace == nil {
			version = dep.Version
		}
	}
	if !releasePattern.MatchString(version) {
		return ""
	}
	return version
}

// moduleAround returns the nearest folder with a go.mod, from a folder upwards, or "".
func moduleAround(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// modulePathOf returns the path of the module in a folder, "" without one.
func modulePathOf(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "module" {
			return strings.Trim(words[1], "\"`")
		}
	}
	return ""
}

// quoted is a path as go.mod writes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\"'`()[]{},") || strings.Contains(path, "//") {
		return strconv.Quote(path)
	}
	return path
}
