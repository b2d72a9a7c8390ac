package core

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/go-belleville/belleville/core/web"
)

// staticFiles serves the files of the project and its apps under /static/. A file's address
// holds a digest of its content, "belleville.1a2b3c4d.css", so browsers may keep it for ever;
// the plain name is served too, to be asked for again each time.
type staticFiles struct {
	sources []fs.FS
	debug   bool // files may change while the program runs: remember nothing
	mu      sync.Mutex
	hashes  map[string]string // name -> digest
}

func newStaticFiles(sources []fs.FS, debug bool) *staticFiles {
	return &staticFiles{sources: sources, debug: debug, hashes: map[string]string{}}
}

const staticPrefix = "/static/"

// url is the template function: the address of a file, an error for an unknown one.
func (s *staticFiles) url(name string) (string, error) {
	digest, err := s.digest(name)
	if err != nil {
		return "", err
	}
	ext := path.Ext(name)
	return staticPrefix + strings.TrimSuffix(name, ext) + "." + digest + ext, nil
}

// digest returns the first 12 hex digits of the SHA-256 of a file's content, remembered after
// the first time except in DEBUG.
func (s *staticFiles) digest(name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.hashes[name]; ok && !s.debug {
		return d, nil
	}
	f, err := s.open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("static file %s: %w", name, err)
	}
	d := hex.EncodeToString(h.Sum(nil))[:12]
	s.hashes[name] = d
	return d, nil
}

// open returns the first source's file of that name; directories do not count.
func (s *staticFiles) open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("static file %q: %w", name, fs.ErrNotExist)
	}
	for _, source := range s.sources {
		f, err := source.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("static file %s: %w", name, err)
		}
		if info, err := f.Stat(); err != nil || info.IsDir() {
			f.Close()
			continue
		}
		return f, nil
	}
	return nil, fmt.Errorf("static file %q: %w", name, fs.ErrNotExist)
}

func (s *staticFiles) serve(w http.ResponseWriter, r *http.Request) error {
	name := web.Var(r, "path")
	keep := false
	if plain, digest, ok := splitDigest(name); ok {
		if have, err := s.digest(plain); err == nil && have == digest {
			name, keep = plain, true
		}
	}
	f, err := s.open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return web.NotFound("")
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return serveFile(w, r, name, f, keep)
}

// splitDigest turns "a/b.0123456789ab.css" into "a/b.css" and "0123456789ab".
func splitDigest(name string) (plain, digest string, ok bool) {
	ext := path.Ext(name)
	rest := strings.TrimSuffix(name, ext)
	digest = strings.TrimPrefix(path.Ext(rest), ".")
	if len(digest) != 12 {
		return "", "", false
	}
	return strings.TrimSuffix(rest, "."+digest) + ext, digest, true
}

func serveFile(w http.ResponseWriter, r *http.Request, name string, f fs.File, keep bool) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("static file %s: %w", name, err)
	}
	content, ok := f.(io.ReadSeeker)
	if !ok {
		return fmt.Errorf("static file %s: its file system cannot seek", name)
	}
	if keep {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, name, info.ModTime(), content)
	return nil
}
