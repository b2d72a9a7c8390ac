package plan

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/schema"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

// ChangeKind says what a change does.
type ChangeKind int

// The kinds of changes, renames aside.
const (
	AddTable ChangeKind = iota
	DropTable
	AddColumn
	DropColumn
	ModifyColumn
	Other // of an index or constraint
)

// Change is one difference between two states.
type Change struct {
	Kind  ChangeKind
	Table string
	// Old and New are the column before and after; empty where there is none.
	Old, New state.Column
	// Text says for people what is done: "Add the column closed to polls_question".
	Text string
	// Name is what the change would call its migration: "question_closed".
	Name string

	refers bool // the column is a foreign key
}

// Compare returns the differences between two states, renames not considered.
func Compare(from, to state.State) ([]Change, error) {
	changes, err := diff(Postgres, from, to)
	if err != nil {
		return nil, err
	}
	var all []Change
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			name := to.Table(c.T.Name).Model
			all = append(all, Change{Kind: AddTable, Table: c.T.Name, Text: "Create the table " + c.T.Name, Name: name})
		case *schema.DropTable:
			name := from.Table(c.T.Name).Model
			all = append(all, Change{Kind: DropTable, Table: c.T.Name, Text: "Drop the table " + c.T.Name, Name: "delete_" + name})
		case *schema.ModifyTable:
			old, now := from.Table(c.T.Name), to.Table(c.T.Name)
			for _, part := range c.Changes {
				all = append(all, describe(old, now, part))
			}
		default:
			return nil, fmt.Errorf("a difference of the kind %T is not understood", c)
		}
	}
	return all, nil
}

// describe says what a change of a table does.
func describe(old, now *state.Table, part schema.Change) Change {
	c := Change{Kind: Other, Table: now.Name}
	say := func(name, format string, args ...any) Change {
		c.Name, c.Text = name, fmt.Sprintf(format, args...)+" "+now.Name
		return c
	}
	switch part := part.(type) {
	case *schema.AddColumn:
		c.Kind, c.New = AddColumn, *now.Column(part.C.Name)
		return say(now.Model+"_"+part.C.Name, "Add the column %s to", part.C.Name)
	case *schema.DropColumn:
		c.Kind, c.Old = DropColumn, *old.Column(part.C.Name)
		return say("remove_"+now.Model+"_"+part.C.Name, "Drop the column %s of", part.C.Name)
	case *schema.ModifyColumn:
		c.Kind, c.Old, c.New = ModifyColumn, *old.Column(part.From.Name), *now.Column(part.To.Name)
		c.refers = slices.ContainsFunc(now.ForeignKeys, func(fk state.ForeignKey) bool { return fk.Column == c.New.Name })
		return say("alter_"+now.Model+"_"+part.To.Name, "Change the column %s (%s) of", part.To.Name, difference(c.Old, c.New))
	case *schema.AddIndex:
		return say(part.I.Name, "Add the %s %s to", indexWord(part.I), part.I.Name)
	case *schema.DropIndex:
		return say("remove_"+part.I.Name, "Drop the %s %s of", indexWord(part.I), part.I.Name)
	case *schema.ModifyIndex:
		return say("alter_"+part.To.Name, "Make the %s %s anew on", indexWord(part.To), part.To.Name)
	case *schema.AddForeignKey:
		return say(part.F.Symbol, "Add the foreign key %s to", part.F.Symbol)
	case *schema.DropForeignKey:
		return say("remove_"+part.F.Symbol, "Drop the foreign key %s of", part.F.Symbol)
	case *schema.ModifyForeignKey:
		return say("alter_"+part.To.Symbol, "Make the foreign key %s anew on", part.To.Symbol)
	case *schema.AddCheck:
		return say(part.C.Name, "Add the check %s to", part.C.Name)
	case *schema.DropCheck:
		return say("remove_"+part.C.Name, "Drop the check %s of", part.C.Name)
	case *schema.ModifyCheck:
		return say("alter_"+part.To.Name, "Change the check %s of", part.To.Name)
	case *schema.AddPrimaryKey, *schema.DropPrimaryKey, *schema.ModifyPrimaryKey:
		return say(now.Model+"_key", "Change the primary key of")
	}
	return say("alter_"+now.Model, "Change")
}

func indexWord(i *schema.Index) string {
	if i.Unique {
		return "unique rule"
	}
	return "index"
}

// difference says how a column differs from what it was.
func difference(old, now state.Column) string {
	var parts string
	add := func(format string, args ...any) {
		if parts != "" {
			parts += ", "
		}
		parts += fmt.Sprintf(format, args...)
	}
	if old.Type != now.Type {
		add("from %s to %s", old.Type, now.Type)
	}
	if old.Null != now.Null {
		if now.Null {
			add("may be NULL")
		} else {
			add("may not be NULL")
		}
	}
	switch {
	case old.Default == now.Default:
	case now.Default == "":
		add("without the default %s", old.Default)
	default:
		add("with the default %s", now.Default)
	}
	return parts
}
