package dbstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// TestVectors reads rows that Django wrote, and writes rows that Django reads.
func TestVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Secret     string         `json:"secret"`
		Data       map[string]any `json:"data"`
		Time       int64          `json:"time"`
		Text       string         `json:"session_data"`
		Compressed bool           `json:"is_compressed"`
	}
	vectors := djangovectors.Section[vector](t, "session_data_db_engine")
	eachKind(t, func(t *testing.T, kind string) {
		db := open(t, kind)
		for _, v := range vectors {
			s := dbstore.NewWith(db, signing.Keys{v.Secret}, dbstore.Config{Now: func() time.Time { return time.Unix(v.Time, 0) }})
			key := sessions.NewKey()
			row := &sessions.Row{SessionKey: key, SessionData: v.Text, ExpireDate: time.Unix(v.Time+60, 0).UTC()}
			if _, err := db.NewInsert().Model(row).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, err := s.Load(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			if got := meaning(t, r.Data); !reflect.DeepEqual(got, v.Data) {
				t.Errorf("Django's row says %v, want %v", got, v.Data)
			}
			if key, err = s.Create(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			text := textOf(t, db, key)
			if text != v.Text && !v.Compressed {
				t.Errorf("the row is %s, want Django's %s", text, v.Text)
			}
			if v.Compressed != strings.HasPrefix(text, ".") || !strings.HasSuffix(text[:strings.LastIndexByte(text, ':')], ":1wkhEW") {
				t.Errorf("the row is %s, beside Django's %s", text, v.Text)
			}
		}
	})
}

func meaning(t *testing.T, d sessions.Data) map[string]any {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func textOf(t *testing.T, db *bun.DB, key string) (text string) {
	t.Helper()
	if err := db.NewSelect().Model((*sessions.Row)(nil)).Column("session_data").Where("session_key = ?", key).Scan(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestDjangoDates reads the end of rows as Django writes it on each database.
func TestDjangoDates(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind string) {
		db := open(t, kind)
		s := dbstore.New(db, keys)
		text, err := sessions.NewCodec(keys, "", nil, nil).Encode(sessions.Data{"a": []byte("1")})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			end   time.Time
			alive bool
		}{
			{time.Now().Add(time.Minute), true}, {time.Now().Add(time.Second), true}, {time.Now().Add(-time.Second), false}, {time.Now().Add(-time.Hour), false},
		} {
			key, date := sessions.NewKey(), tt.end.UTC().Format("2006-01-02 15:04:05.000000")
			if kind == "postgres" {
				date += "+00"
			}
			if _, err := db.ExecContext(t.Context(), `INSERT INTO django_session VALUES (?, ?, ?)`, key, text, date); err != nil {
				t.Fatal(err)
			}
			r, err := s.Load(t.Context(), key)
			if alive := err == nil; alive != tt.alive {
				t.Errorf("the end %s: %v, want alive %v", date, err, tt.alive)
			}
			if err == nil && r.Expires.Sub(tt.end).Abs() > time.Millisecond {
				t.Errorf("the end %s is read as %v", date, r.Expires)
			}
		}
	})
}

// TestFallbackKeys reads what an old key signed, and writes with the new one.
func TestFallbackKeys(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite")
	key, err := dbstore.New(db, signing.Keys{"the old key"}).Create(t.Context(), sessions.Record{Data: sessions.Data{"a": []byte("1")}, Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	both := dbstore.New(db, signing.Keys{"the new key", "the old key"})
	r, err := both.Load(t.Context(), key)
	if err != nil || string(r.Data["a"]) != "1" {
		t.Fatalf("Load = %v, %v", r, err)
	}
	if _, err := both.Update(t.Context(), key, r, sessions.Change{Expires: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if r, err := dbstore.New(db, signing.Keys{"the new key"}).Load(t.Context(), key); err != nil || string(r.Data["a"]) != "1" {
		t.Errorf("Load with the new key alone = %v, %v", r, err)
	}
}

// TestRowG15 tampers with a row.
func TestRowG15(t *testing.T) {
	t.Parallel()
	t.Run("row/G15", func(t *testing.T) {
		eachKind(t, func(t *testing.T, kind string) {
			db := open(t, kind)
			var log bytes.Buffer
			s := dbstore.NewWith(db, keys, dbstore.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
			text, err := sessions.NewCodec(keys, "", nil, nil).Encode(sessions.Data{"_auth_user_id": []byte(`"` + strings.Repeat("1", 300) + `"`)})
			if err != nil || !strings.HasPrefix(text, ".") {
				t.Fatalf("%q, %v; want compressed text", text, err)
			}
			other, _ := sessions.NewCodec(signing.Keys{"another key"}, "", nil, nil).Encode(sessions.Data{"_auth_user_id": []byte(`"1"`)})
			salt, _ := sessions.NewCodec(keys, "another salt", nil, nil).Encode(sessions.Data{"_auth_user_id": []byte(`"1"`)})
			// A bomb: if anything were unpacked before the signature is looked at, it would be this.
			bomb, _ := sessions.NewCodec(signing.Keys{"another key"}, "", nil, nil).Encode(sessions.Data{"a": []byte(`"` + strings.Repeat("a", 8<<20) + `"`)})
			for name, tampered := range map[string]string{
				"one letter": text[:20] + "x" + text[21:], "no signature": text[:strings.LastIndexByte(text, ':')], "another key": other, "another salt": salt,
				"nothing": "", "bare JSON": `{"_auth_user_id":"1"}`, "a bomb": bomb,
			} {
				log.Reset()
				key := sessions.NewKey()
				insert(t, db, key, tampered)
				r, err := s.Load(t.Context(), key)
				if err != nil || len(r.Data) != 0 {
					t.Errorf("%s: %v, %v; want an empty session", name, r.Data, err)
				}
				// Whoever unpacked first would have found something else wrong with most of these.
				if !strings.Contains(log.String(), "session data corrupted") || !strings.Contains(log.String(), signing.ErrBadSignature.Error()) {
					t.Errorf("%s: the log says %q", name, log.String())
				}
			}
		})
	})
}

// TestConflictWithDjango writes a row as Django does, the whole of it, between reading and saving.
func TestConflictWithDjango(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind string) {
		db := open(t, kind)
		s := dbstore.New(db, keys)
		key, err := s.Create(t.Context(), sessions.Record{Data: sessions.Data{"a": []byte("1")}, Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		was, err := s.Load(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := sessions.NewCodec(keys, "", nil, nil).Encode(sessions.Data{"a": []byte("1"), "django": []byte("1")})
		if _, err := db.NewUpdate().Model((*sessions.Row)(nil)).Set("session_data = ?", text).Where("session_key = ?", key).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Update(t.Context(), key, was, sessions.Change{Set: sessions.Data{"go": []byte("1")}, Expires: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Load(t.Context(), key); err != nil || len(r.Data) != 3 {
			t.Errorf("the session has %v, %v; want a, django and go", r.Data, err)
		}
	})
}

// TestClearing deletes many rows, stops in the middle, and goes on, while others write.
func TestClearing(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind string) {
		db := open(t, kind)
		s := dbstore.New(db, keys)
		const old = 3500
		all := make([]sessions.Row, old)
		for i := range all {
			all[i] = sessions.Row{SessionKey: sessions.NewKey(), SessionData: "x", ExpireDate: time.Now().Add(-time.Duration(i+1) * time.Second).UTC()}
		}
		for i := 0; i < old; i += 500 {
			part := all[i : i+500]
			if _, err := db.NewInsert().Model(&part).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		alive, err := s.Create(t.Context(), sessions.Record{Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var told []int64
		n, err := s.DeleteExpired(ctx, time.Now(), func(deleted int64) {
			if told = append(told, deleted); len(told) == 2 {
				cancel()
			}
		})
		// The second step is smaller when the first one was slow.
		if !errors.Is(err, context.Canceled) || len(told) != 2 || told[0] != 1000 || n != told[1] || n <= 1000 || n > 2000 {
			t.Fatalf("stopped after %d, told %v, %v; want after two steps of up to 1000", n, told, err)
		}
		left := old - n
		if got := rows(t, db, "django_session"); got != left+1 {
			t.Errorf("%d rows are left, want %d", got, left+1)
		}
		var writing sync.WaitGroup
		writing.Go(func() { // somebody logs in meanwhile
			for range 10 {
				if _, err := s.Create(t.Context(), sessions.Record{Expires: time.Now().Add(time.Hour)}); err != nil {
					t.Errorf("Create while clearing: %v", err)
				}
			}
		})
		n, err = s.DeleteExpired(t.Context(), time.Now(), nil)
		writing.Wait()
		if n != left || err != nil {
			t.Errorf("the second time %d, %v; want the other %d", n, err, left)
		}
		if _, err := s.Load(t.Context(), alive); err != nil || rows(t, db, "django_session") != 11 {
			t.Errorf("Load of the living session: %v; %d rows, want 11", err, rows(t, db, "django_session"))
		}
	})
}

// TestClearingWhileRowsChange has PostgreSQL change expired sessions as fast as it can. What is held at
// the moment may stay for the next time, but the deletion goes on past it. On SQLite there is one
// writer at a time.
func TestClearingWhileRowsChange(t *testing.T) {
	t.Parallel()
	db := open(t, "postgres")
	s := dbstore.New(db, keys)
	const old = 4000
	_, err := db.ExecContext(t.Context(), `INSERT INTO django_session (session_key, session_data, expire_date)
		SELECT 'key' || n, 'x', now() - n * interval '1 second' FROM generate_series(1, ?) AS n`, old)
	if err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	for w := range 3 {
		writing.Go(func() {
			_, err := db.ExecContext(t.Context(), `DO $$ BEGIN FOR i IN 1 .. 20000 LOOP
				UPDATE django_session SET session_data = 'y' WHERE session_key = 'key' || (1 + (i * ?) % 4000); COMMIT;
			END LOOP; END $$`, 1531+w*1000)
			if err != nil {
				t.Errorf("writing meanwhile: %v", err)
			}
		})
	}
	for changed := 0; changed == 0; { // until they are at it
		if err := db.NewRaw(`SELECT count(*) FROM django_session WHERE session_data = 'y'`).Scan(t.Context(), &changed); err != nil {
			t.Fatal(err)
		}
	}
	n, err := s.DeleteExpired(t.Context(), time.Now(), nil)
	writing.Wait()
	if n < old-old/20 || err != nil {
		t.Errorf("DeleteExpired = %d, %v; want nearly all of %d", n, err, old)
	}
	again, err := s.DeleteExpired(t.Context(), time.Now(), nil)
	if left := rows(t, db, "django_session"); n+again != old || err != nil || left != 0 {
		t.Errorf("when nobody writes any more it deletes %d, %v, and %d are left; want the other %d", again, err, left, old-n)
	}
}
