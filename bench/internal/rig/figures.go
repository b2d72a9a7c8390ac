package rig

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// Median returns the middle of the figures, the mean of the two middle ones, 0 of none.
func Median(figures []float64) float64 {
	if len(figures) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Machine describes the processor, the memory and the system in one line.
func Machine() string {
	model, memory := fact("/proc/cpuinfo", "model name"), "memory unknown"
	if model == "" {
		model = runtime.GOARCH
	}
	var kib float64
	if _, err := fmt.Sscanf(fact("/proc/meminfo", "MemTotal"), "%f kB", &kib); err == nil {
		memory = fmt.Sprintf("%.0f GiB", kib/(1<<20))
	}
	return fmt.Sprintf("%d cores (%s), %s, %s", runtime.NumCPU(), model, memory, system())
}

// fact returns the first value of a name in a file of lines "name : value", "" without one.
func fact(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if have, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(have) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func system() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(release)), "-")
	return "Linux " + version
}

// Modules returns the versions of modules that this program was built with, as "name version".
func Modules(paths ...string) []string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var all []string
	for _, m := range info.Deps {
		if slices.Contains(paths, m.Path) {
			all = append(all, m.Path+" "+m.Version)
		}
	}
	return all
}
