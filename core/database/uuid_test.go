package database_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

const dashed = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

func TestParseUUID(t *testing.T) {
	t.Parallel()
	hex := strings.ReplaceAll(dashed, "-", "")
	for _, text := range []string{dashed, hex, strings.ToUpper(dashed), strings.ToUpper(hex)} {
		u, err := database.ParseUUID(text)
		if err != nil || u.String() != dashed || u.Hex() != hex {
			t.Errorf("ParseUUID(%q) = %v, %v; want %s", text, u, err, dashed)
		}
	}
	for _, text := range []string{"", "1", hex[:31], hex + "0", dashed + "0", "x" + hex[1:], "{" + dashed + "}",
		"6ba7b8109-dad-41d1-80b4-00c04fd430c8", dashed[:35] + "g", "urn:uuid:" + dashed, strings.Repeat("é", 16), strings.Repeat("-", 36)} {
		if u, err := database.ParseUUID(text); !errors.Is(err, database.ErrUUID) || !u.IsZero() {
			t.Errorf("ParseUUID(%q) = %v, %v; want zeros and ErrUUID", text, u, err)
		}
	}
}

func TestNewUUID(t *testing.T) {
	t.Parallel()
	seen := map[database.UUID]bool{}
	for range 1000 {
		u := database.NewUUID()
		if s := u.String(); s[14] != '4' || !strings.ContainsRune("89ab", rune(s[19])) {
			t.Fatalf("%s is not of version 4", s)
		}
		if seen[u] {
			t.Fatalf("%s came twice", u)
		}
		seen[u] = true
	}
}

func TestUUIDInJSON(t *testing.T) {
	t.Parallel()
	var v struct{ ID database.UUID }
	if err := json.Unmarshal([]byte(`{"ID":"`+dashed+`"}`), &v); err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(v); err != nil || string(b) != `{"ID":"`+dashed+`"}` {
		t.Errorf("JSON is %s, %v", b, err)
	}
	if err := json.Unmarshal([]byte(`{"ID":"x"}`), &v); !errors.Is(err, database.ErrUUID) {
		t.Errorf("Unmarshal of no UUID: %v, want ErrUUID", err)
	}
}

type thing struct {
	bun.BaseModel `bun:"table:things,alias:thing"`

	ID     database.UUID  `bun:"id,pk"`
	Parent *database.UUID `bun:"parent"`
}

func TestUUIDInDatabases(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		kind := database.UUID{}.SQLType(db.Dialect().Name())
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf("CREATE TABLE things (id %s PRIMARY KEY, parent %s NULL)", kind, kind)); err != nil {
			t.Fatal(err)
		}
		parent := thing{ID: database.NewUUID()}
		child := thing{ID: database.NewUUID(), Parent: &parent.ID}
		if _, err := db.NewInsert().Model(&[]thing{parent, child}).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got thing
		if err := db.NewSelect().Model(&got).Where("parent = ?", parent.ID).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got.ID != child.ID || got.Parent == nil || *got.Parent != parent.ID {
			t.Errorf("read %v, want %v", got, child)
		}
		if n, err := db.NewSelect().Model((*thing)(nil)).Where("id IN (?)", bun.List([]database.UUID{parent.ID, child.ID})).Count(t.Context()); err != nil || n != 2 {
			t.Errorf("IN finds %d, %v; want 2", n, err)
		}
		var stored string
		if err := db.NewRaw("SELECT CAST(id AS text) FROM things WHERE parent IS NULL").Scan(t.Context(), &stored); err != nil {
			t.Fatal(err)
		}
		want := parent.ID.Hex()
		if database.IsPostgres(db) {
			want = parent.ID.String()
		}
		if stored != want {
			t.Errorf("the database holds %s, want %s", stored, want)
		}
		var id database.UUID
		prepared := database.NewPrepared(db, "SELECT id FROM things WHERE parent = $1")
		args := []any{parent.ID}
		if err := prepared.QueryRow(t.Context(), args, &id); err != nil || id != child.ID {
			t.Errorf("a prepared statement reads %v, %v; want %v", id, err, child.ID)
		}
		if args[0] != parent.ID {
			t.Error("the caller's arguments were changed")
		}
		if err := db.NewRaw("SELECT NULL").Scan(t.Context(), &id); err == nil {
			t.Error("NULL was read as a UUID")
		}
	})
}

func TestUUIDScan(t *testing.T) {
	t.Parallel()
	want, err := database.ParseUUID(dashed)
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []any{dashed, want.Hex(), []byte(dashed), want[:], [16]byte(want)} {
		var got database.UUID
		if err := got.Scan(src); err != nil || got != want {
			t.Errorf("Scan(%T) = %v, %v", src, got, err)
		}
	}
	for _, src := range []any{nil, 1, "", "x", []byte{1}} {
		var got database.UUID
		if err := got.Scan(src); !errors.Is(err, database.ErrUUID) {
			t.Errorf("Scan(%v): %v, want ErrUUID", src, err)
		}
	}
}

func FuzzParseUUID(f *testing.F) {
	for _, s := range []string{dashed, strings.ReplaceAll(dashed, "-", ""), "", "x", strings.Repeat("-", 36)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := database.ParseUUID(text)
		if err != nil {
			if !errors.Is(err, database.ErrUUID) || !u.IsZero() {
				t.Errorf("ParseUUID(%q) = %v, %v", text, u, err)
			}
			return
		}
		if again, err := database.ParseUUID(u.String()); err != nil || again != u {
			t.Errorf("%s does not survive its own text: %v, %v", u, again, err)
		}
	})
}

func ExampleParseUUID() {
	id, err := database.ParseUUID("6BA7B8109DAD41D180B400C04FD430C8")
	fmt.Println(id, err)
	// Output: 6ba7b810-9dad-41d1-80b4-00c04fd430c8 <nil>
}
