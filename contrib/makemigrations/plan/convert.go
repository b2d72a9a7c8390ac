package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

// conversion is how the values of a column become those of another type. Values that do not fit
// fail the migration on both databases: PostgreSQL sees to that by itself, as long as it is not
// told to cast; SQLite keeps whatever it is given, so that a condition has to find them.
type conversion struct {
	// using is PostgreSQL's expression, with %[1]s for the column; empty where it needs none.
	using string
	// misfit is the condition that finds the values that did not fit, in SQLite, after the change.
	misfit string
}

// ints are the whole numbers by size, with the condition that finds what is none.
var ints = map[state.Type]struct {
	size   int
	misfit string
}{
	"smallint": {1, "typeof(%[1]s) NOT IN ('integer', 'null') OR %[1]s NOT BETWEEN -32768 AND 32767"},
	"integer":  {2, "typeof(%[1]s) NOT IN ('integer', 'null') OR %[1]s NOT BETWEEN -2147483648 AND 2147483647"},
	"bigint":   {3, "typeof(%[1]s) NOT IN ('integer', 'null')"},
}

// convert returns how one type becomes another; false when that is not known, or could lose something.
func convert(from, to state.Type) (conversion, bool) {
	fromInt, toInt := ints[from], ints[to]
	switch {
	case from == to:
		return conversion{}, true
	case fromInt.size > 0 && toInt.size > 0:
		if toInt.size > fromInt.size {
			return conversion{}, true
		}
		return conversion{misfit: toInt.misfit}, true
	case isText(to) && (isText(from) || fromInt.size > 0):
		return conversion{misfit: tooLong(from, to)}, true
	case isText(from) && toInt.size > 0:
		return conversion{using: "%[1]s::" + to.Postgres(), misfit: toInt.misfit}, true
	case isText(from) && slices.Contains([]state.Type{"numeric", "real", "double"}, to):
		return conversion{using: "%[1]s::" + to.Postgres(), misfit: "typeof(%[1]s) NOT IN ('integer', 'real', 'null')"}, true
	case from == "bool" && toInt.size > 0:
		return conversion{using: "%[1]s::integer::" + to.Postgres()}, true
	case fromInt.size > 0 && to == "bool":
		return conversion{using: "%[1]s::text::boolean", misfit: "%[1]s NOT IN (0, 1)"}, true
	case fromInt.size > 0 && (to == "numeric" || to == "double" && fromInt.size < 3):
		return conversion{}, true
	case from == "real" && to == "double":
		return conversion{}, true
	case from.Base() == "numeric" && to.Base() == "numeric":
		return conversion{}, widens(from, to)
	case from == "json" && to == "jsonb", from == "jsonb" && to == "json":
		return conversion{using: "%[1]s::" + to.Postgres()}, true
	}
	return conversion{}, false
}

func isText(t state.Type) bool {
	return slices.Contains([]string{"text", "varchar", "char"}, t.Base())
}

// tooLong finds texts that are longer than a type allows; nothing when none can be.
func tooLong(from, to state.Type) string {
	limit, _ := to.Sizes()
	before, _ := from.Sizes()
	if limit == 0 || isText(from) && before > 0 && before <= limit {
		return ""
	}
	return fmt.Sprintf("length(%%[1]s) > %d", limit)
}

// widens reports whether every number of one type is a number of the other.
func widens(from, to state.Type) bool {
	if to == "numeric" {
		return true
	}
	digits, scale := from.Sizes()
	toDigits, toScale := to.Sizes()
	return from != "numeric" && toScale >= scale && toDigits-toScale >= digits-scale
}

// conversion returns how the change converts the values, or why it cannot.
func (c Change) conversion() (conversion, error) {
	if c.Old.Identity != c.New.Identity {
		return conversion{}, fmt.Errorf("%s.%s: whether the database numbers the rows cannot be changed by a generated migration", c.Table, c.New.Name)
	}
	conv, ok := convert(c.Old.Type, c.New.Type)
	if !ok {
		return conversion{}, fmt.Errorf("%s.%s: it is not known how %s becomes %s without losing anything", c.Table, c.New.Name, c.Old.Type, c.New.Type)
	}
	return conv, nil
}

// guard returns the statements that fail on SQLite, with a name that says why, when a value does not fit.
func (w *writer) guard(c Change, conv conversion) string {
	problem := fmt.Sprintf("%s.%s has a value that does not fit %s", c.Table, c.New.Name, c.New.Type)
	return strings.Join([]string{
		fmt.Sprintf("CREATE TEMP TABLE `misfit` (`found` integer CONSTRAINT %s CHECK (0))", w.quote(problem)),
		fmt.Sprintf("INSERT INTO `misfit` SELECT 1 FROM %s WHERE %s LIMIT 1", w.quote(c.Table), fmt.Sprintf(conv.misfit, w.quote(c.New.Name))),
		"DROP TABLE `misfit`",
	}, ";\n")
}

// NoWayBack says why a step cannot be taken back.
type NoWayBack struct{ Reason string }

// Error returns the reason.
func (e *NoWayBack) Error() string { return e.Reason }

// wayBack looks at the changes that lead back. It returns values for columns that come back and what
// is lost for good.
func wayBack(from, to state.State) (fill map[Column]string, losses []string, err error) {
	changes, err := Compare(from, to)
	if err != nil {
		return nil, nil, err
	}
	fill = map[Column]string{}
	for _, c := range changes {
		switch c.Kind {
		case AddTable:
			losses = append(losses, fmt.Sprintf("The rows of %s are gone: the table comes back empty.", c.Table))
		case AddColumn:
			value, err := comesBack(to.Table(c.Table), c.New)
			if err != nil {
				return nil, nil, err
			}
			if value != "" {
				fill[Column{c.Table, c.New.Name}] = value
			}
			losses = append(losses, fmt.Sprintf("The values of %s.%s are gone: the column comes back %s.", c.Table, c.New.Name, with(c.New, value)))
		case ModifyColumn:
			if _, err := c.conversion(); err != nil {
				return nil, nil, &NoWayBack{err.Error()}
			}
		}
	}
	return fill, losses, nil
}

func with(c state.Column, value string) string {
	switch {
	case value != "":
		return "with " + value + " in every row"
	case c.Default != "":
		return "with " + c.Default + " in every row"
	}
	return "with NULL in every row"
}

// comesBack returns the value that a dropped column comes back with; empty when it needs none.
func comesBack(t *state.Table, c state.Column) (string, error) {
	if !needsValue(c) {
		return "", nil
	}
	alone := func(list []string) bool { return len(list) == 1 && list[0] == c.Name }
	value, known := map[string]string{
		"smallint": "0", "integer": "0", "bigint": "0", "numeric": "0", "real": "0", "double": "0",
		"bool": "false", "text": "''", "varchar": "''",
	}[c.Type.Base()]
	unique := slices.ContainsFunc(t.Uniques, func(u state.Index) bool { return alone(u.Columns) })
	refers := slices.ContainsFunc(t.ForeignKeys, func(fk state.ForeignKey) bool { return fk.Column == c.Name })
	if !known || unique || refers || slices.Contains(t.PrimaryKey, c.Name) {
		return "", &NoWayBack{fmt.Sprintf("there is no value with which %s.%s could come back, and it may not be NULL", t.Name, c.Name)}
	}
	return value, nil
}

// Err returns why a step cannot be made by generated statements, nil when it can.
func (s Step) Err() error {
	changes, err := s.Changes()
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range changes {
		if c.Kind == ModifyColumn {
			_, err := c.conversion()
			errs = append(errs, err)
		}
		if c.Kind == Other && strings.HasPrefix(c.Text, "Change the primary key") {
			errs = append(errs, fmt.Errorf("%s: its primary key cannot be changed by a generated migration", c.Table))
		}
	}
	return errors.Join(errs...)
}
