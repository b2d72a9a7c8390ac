package migrate

// What the tests of this package look at from inside.
var EndsTransaction = endsTransaction

// Header is what a file's header says.
func Header(text string) (requires, replaces []string, nonAtomic bool, err error) {
	h, err := parseHeader(text)
	return h.requires, h.replaces, h.nonAtomic, err
}

// Split returns the parts of a non-atomic text and the lines before each.
func Split(text string) (parts []string, lines []int) {
	for _, p := range split(text) {
		parts, lines = append(parts, p.text), append(lines, p.lines)
	}
	return parts, lines
}

// Order returns the names of all migrations in order.
func Order(m *Migrator) (names []string) {
	for _, n := range m.graph.order {
		names = append(names, n.String())
	}
	return names
}

// CreatedTables returns each table that a text makes as "table: column column".
func CreatedTables(text string) (all []string) {
	for _, t := range createdTables(text) {
		line := t.name + ":"
		for _, c := range t.columns {
			line += " " + c
		}
		all = append(all, line)
	}
	return all
}
