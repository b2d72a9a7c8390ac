package password

// Similarity is the ratio that UserAttributeSimilarity compares with its limit.
func Similarity(a, b string) float64 {
	return ratio(newBag(a).shared(newBag(b)), len([]rune(a))+len([]rune(b)))
}

// Entries returns the passwords of a list.
func (l *List) Entries() ([]string, error) {
	err := l.load()
	return l.entries, err
}

// ListFile returns the unpacked text of the built-in list.
func ListFile() ([]string, error) { return readFile(files, "lists/common.txt.gz") }

// Builtin is the list of the zero CommonPassword.
func Builtin() *List { return builtin }
