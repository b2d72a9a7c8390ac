package docs

import "strings"

// Missing returns the first line of code that is not in source after the one before it, "" when all
// of it is there. Indentation and empty lines do not count. A line … stands for any lines.
func Missing(source, code string) string {
	have, want := solid(source), solid(code)
	if len(want) == 0 {
		return "(no code)"
	}
	best := 0
	for start := range have {
		n := matched(have[start:], want)
		if n == len(want) {
			return ""
		}
		best = max(best, n)
	}
	return want[best]
}

// solid returns the lines that are not empty, without their indentation.
func solid(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// matched returns how many lines of want are at the beginning of have.
func matched(have, want []string) int {
	i := 0
	for n, line := range want {
		if strings.Trim(line, "/ ") == "…" {
			for i < len(have) && n+1 < len(want) && have[i] != want[n+1] {
				i++
			}
			continue
		}
		if i == len(have) || have[i] != line {
			return n
		}
		i++
	}
	return len(want)
}
