package password_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth/password"
)

// The file must be the one that lists/README.md names.
func TestListFile(t *testing.T) {
	t.Parallel()
	lines, err := password.ListFile()
	if err != nil {
		t.Fatal(err)
	}
	const want = "7e6acd4097a269e27441c30aa8da31716677b331ac0a3fbc90d0b1109c93fcb6"
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("sha256 of the list is %s, want %s", got, want)
	}
	lines = lines[:len(lines)-1] // the text ends in a line break
	if len(lines) != 49_232 || !slices.IsSorted(lines) {
		t.Errorf("the list has %d entries, sorted %v; want 49232, true", len(lines), slices.IsSorted(lines))
	}
}

func TestBuiltinList(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"password", "123456", "12345678", "qwertyuiop", "letmein", "godzilla", "PASSWORD", "\t Password\n", "\x1fpassword",
		"aaaaaaaa", "ZZZZZZZZ", "********", "abcdefgh", "hgfedcba", "qwertyui", "asdfghjkl;", "87654321", "00000000", "asdfjkl:",
	} {
		if found, err := password.Builtin().Contains(raw); !found || err != nil {
			t.Errorf("Contains(%q) = %v, %v; want true, nil", raw, found, err)
		}
	}
	for _, raw := range []string{
		"", " ", "a-safe-password", "sufficiently-long", "johnpassword", "Xk7#pqz!m2", "pass word", "password\x00",
		strings.Repeat("password", 1<<17),
	} {
		if found, err := password.Builtin().Contains(raw); found || err != nil {
			t.Errorf("Contains(%.20q…) = %v, %v; want false, nil", raw, found, err)
		}
	}
}

func TestListSources(t *testing.T) {
	t.Parallel()
	text := "from-my-custom-list\r\n\n  MiXed Case \nfrom-my-custom-list\nİ\nno line break"
	fsys := fstest.MapFS{
		"plain.txt": {Data: []byte(text)},
		"packed.gz": {Data: pack(t, text)},
		"broken.gz": {Data: pack(t, text)[:20]},
	}
	lists := map[string]*password.List{
		"of":     password.ListOf(strings.Split(text, "\n")...),
		"plain":  password.ListFS(fsys, "plain.txt"),
		"packed": password.ListFS(fsys, "packed.gz"),
	}
	for name, list := range lists {
		if n, err := list.Len(); n != 4 || err != nil {
			t.Errorf("%s: Len() = %d, %v; want 4, nil", name, n, err)
		}
		for raw, want := range map[string]bool{
			"from-my-custom-list": true, "FROM-MY-CUSTOM-LIST": true, "mixed case": true, "No line break ": true,
			"İ": true, "i": false, "": false, "password": false,
		} {
			if found, err := list.Contains(raw); found != want || err != nil {
				t.Errorf("%s: Contains(%q) = %v, %v; want %v, nil", name, raw, found, err, want)
			}
		}
	}
	for _, file := range []string{"broken.gz", "missing.txt"} {
		v := password.CommonPassword{List: password.ListFS(fsys, file)}
		for range 2 { // an error does not go away
			err := v.Validate(t.Context(), "a-safe-password", nil)
			if err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("%s: Validate = %v, want an error with the name of the file", file, err)
			}
		}
		if err := password.Check([]password.Validator{v}); err == nil {
			t.Errorf("%s: Check = nil, want an error", file)
		}
	}
	if _, err := password.ListFS(fsys, "missing.txt").Len(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: error %v, want fs.ErrNotExist", err)
	}
}

// endless is a file system in which every file goes on for ever.
type endless struct{}

func (endless) Open(string) (fs.File, error) { return endless{}, nil }
func (endless) Read(p []byte) (int, error)   { return len(p), nil }
func (endless) Stat() (fs.FileInfo, error)   { return nil, fs.ErrInvalid }
func (endless) Close() error                 { return nil }

func TestListTooLong(t *testing.T) {
	t.Parallel()
	_, err := password.ListFS(endless{}, "endless.txt").Len()
	if err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("list without an end: error %v, want one", err)
	}
}

func TestListConcurrently(t *testing.T) {
	t.Parallel()
	list := password.ListOf("one", "two", "three")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if found, err := list.Contains("TWO"); !found || err != nil {
				t.Errorf("Contains = %v, %v; want true, nil", found, err)
			}
		})
	}
	group.Wait()
}

func pack(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func FuzzListFS(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\n three "), "two")
	f.Add(pack(f, "one\nİ"), "İ")
	f.Add([]byte("\x1f\x8b"), "")
	f.Add([]byte("\xff\n\x00"), "\xff")
	f.Fuzz(func(t *testing.T, data []byte, raw string) {
		list := password.ListFS(fstest.MapFS{"list": {Data: data}}, "list")
		entries, err := list.Entries()
		if err != nil {
			return
		}
		if n, err := list.Len(); n != len(entries) || err != nil {
			t.Errorf("Len() = %d, %v; want %d, nil", n, err, len(entries))
		}
		for _, entry := range entries {
			if found, err := list.Contains("\t" + entry + " "); !found || err != nil {
				t.Errorf("Contains(entry %q) = %v, %v; want true, nil", entry, found, err)
			}
		}
		if found, _ := list.Contains(raw); found && len(entries) == 0 {
			t.Errorf("Contains(%q) in an empty list", raw)
		}
	})
}
