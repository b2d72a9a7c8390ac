package messages

import "maps"

// Level says how much a message matters. The numbers are Django's; a project may use others
// between and beyond them, and name their tags in [Config].
type Level int

// The levels. Messages below the project's or the request's minimum, which is LevelInfo unless said
// otherwise, are not taken.
const (
	LevelDebug   Level = 10
	LevelInfo    Level = 20
	LevelSuccess Level = 25
	LevelWarning Level = 30
	LevelError   Level = 40
)

// DefaultLevels returns the levels by Django's names, in capitals. Every template has them as
// DEFAULT_MESSAGE_LEVELS: {{if eq .Level $.DEFAULT_MESSAGE_LEVELS.ERROR}}. The map is the caller's.
func DefaultLevels() map[string]Level {
	return map[string]Level{
		"DEBUG": LevelDebug, "INFO": LevelInfo, "SUCCESS": LevelSuccess, "WARNING": LevelWarning, "ERROR": LevelError,
	}
}

// tagTable has the tags of levels. A nil table has the default ones.
type tagTable struct{ byLevel map[Level]string }

// newTagTable returns the default tags with a project's own over them.
func newTagTable(own map[Level]string) *tagTable {
	t := &tagTable{byLevel: make(map[Level]string, len(own)+len(DefaultLevels()))}
	for _, level := range DefaultLevels() {
		t.byLevel[level] = defaultTag(level)
	}
	maps.Copy(t.byLevel, own)
	return t
}

func (t *tagTable) tag(level Level) string {
	if t == nil {
		return defaultTag(level)
	}
	return t.byLevel[level]
}

func defaultTag(level Level) string {
	switch level {
	case LevelDebug:
		return "debug"
	case LevelInfo:
		return "info"
	case LevelSuccess:
		return "success"
	case LevelWarning:
		return "warning"
	case LevelError:
		return "error"
	}
	return ""
}
