package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// TestJournal writes a journal and reads it again.
func TestJournal(t *testing.T) {
	t.Parallel()
	j, err := newJournal(filepath.Join(t.TempDir(), "journal"))
	if err != nil {
		t.Fatal(err)
	}
	j.value("db", "db-1.0", "a", 3)
	j.value("db", "db-1.0", "a", 2)
	j.value("db", "db-1.0", "b", 4)
	j.gone("maybe", "redis", "redis-2.0")
	j.gone("out", "redis", "redis-2.0")
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	all, acknowledged, err := j.read()
	if err != nil || acknowledged != 3 {
		t.Fatalf("read = %d, %v; want 3", acknowledged, err)
	}
	if a := all["db"]["db-1.0"]; a == nil || a.values["a"] != 3 || a.values["b"] != 4 || a.maybe || a.out {
		t.Errorf("the account is %+v", a)
	}
	if a := all["redis"]["redis-2.0"]; a == nil || !a.maybe || !a.out {
		t.Errorf("the account is %+v", a)
	}
}

// TestCompare shows each thing that is not right to the comparison.
func TestCompare(t *testing.T) {
	t.Parallel()
	const owner = "db-1.0"
	values := func(pairs ...string) sessions.Data {
		d := sessions.Data{}
		for i := 0; i < len(pairs); i += 2 {
			d[pairs[i]], _ = json.Marshal(pairs[i+1])
		}
		return d
	}
	kept := account{values: map[string]int{"a": 5, "b": 7}}
	tests := []struct {
		name          string
		account       account
		data          sessions.Data
		lost, foreign int
	}{
		{"as acknowledged", kept, values("a", "db-1.0=5", "b", "db-1.0=7"), 0, 0},
		{"later than acknowledged", kept, values("a", "db-1.0=6", "b", "db-1.0=9", "c", "db-1.0=10"), 0, 0},
		{"older", kept, values("a", "db-1.0=4", "b", "db-1.0=7"), 1, 0},
		{"missing", kept, values("b", "db-1.0=7"), 1, 0},
		{"no session", kept, nil, 2, 0},
		{"somebody else's", kept, values("a", "db-2.0=5", "b", "db-1.0=7"), 0, 1},
		{"no number", kept, values("a", "db-1.0=x", "b", "db-1.0=7"), 1, 0},
		{"logged out", account{values: kept.values, maybe: true, out: true}, nil, 0, 0},
		{"logged out and back", account{values: kept.values, maybe: true, out: true}, values("a", "db-1.0=5", "b", "db-1.0=7"), 0, 1},
		{"perhaps logged out", account{values: kept.values, maybe: true}, nil, 0, 0},
		{"perhaps logged out, and older", account{values: kept.values, maybe: true}, values("a", "db-1.0=5", "b", "db-1.0=6"), 1, 0},
	}
	for _, tt := range tests {
		v := &verdict{}
		v.compare(owner, &tt.account, tt.data, "the store")
		if v.lost != tt.lost || v.foreign != tt.foreign {
			t.Errorf("%s: lost %d, foreign %d; want %d, %d (%v)", tt.name, v.lost, v.foreign, tt.lost, tt.foreign, v.examples)
		}
	}
}
