package signing_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestSecretsAreComparedInConstantTime reads the program files of the whole module. It goes by
// names, so it finds honest mistakes, not disguised ones: a comparison that may stop early with
// an operand whose name ends in one of the words of secretWords. Comparing with nil, a literal or
// a number is no finding. Where both operands are public after all, say so in a comment on the
// line that begins with "public:", or in publicComparisons.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	t.Run("row/G45", func(t *testing.T) {
		t.Parallel()
		const equalFile = "../../core/signing/hmac.go"
		seen := map[string]bool{}
		root := filepath.Join("..", "..")
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := entry.Name()
			if entry.IsDir() {
				if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "vendor") {
					return fs.SkipDir
				}
				return nil
			}
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			seen[filepath.ToSlash(path)] = true
			suspicious := secret
			if filepath.ToSlash(path) == equalFile {
				suspicious = func(ast.Expr) bool { return true } // Equal has no telling names
			}
			for _, finding := range earlyStops(t, path, source, suspicious) {
				if publicComparisons[filepath.ToSlash(finding.path)+": "+finding.line] {
					continue
				}
				t.Errorf("%s:%d: compare it with signing.Equal or subtle.ConstantTimeCompare", finding.path, finding.number)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"../../core/signing/machine.go", equalFile} {
			if !seen[file] {
				t.Errorf("%s was not read", file)
			}
		}
	})
}

// TestEarlyStops shows what the search above finds and what it lets pass.
func TestEarlyStops(t *testing.T) {
	t.Parallel()
	const head = "package p\nfunc f() bool {\n"
	for _, c := range []struct {
		code string
		want bool
	}{
		{"return mac == want", true},
		{"return want != s.Token", true},
		{"return user.SessionHash() == stored", true},
		{"return string(sig) == parts[1]", true},
		{"return hex.EncodeToString(h.sum) == x.csrfToken", true},
		{"return tokens[1:].hash[0:3] == x", true},
		{"return bytes.Equal(digest, got)", true},
		{"return strings.EqualFold(secret, got)", true},
		{"return slices.Equal(got, mac[:])", true},
		{"return strings.Compare(got, signature) == 0", true},
		{"switch sig { case want: }; return true", true},
		{"return mac == want // public: it is printed on the box", false},
		{`return token == ""`, false},
		{"return hash == nil || s.hash != nil", false},
		{"return len(token) == n", false},
		{"return hashLen == n", false},
		{"return tokenType == x", false},
		{"return token[0] == '-'", false},
		{"return n == 1", false},
		{"return subtle.ConstantTimeCompare(mac, want) == 1", false},
		{"return signing.Equal(mac, want)", false},
		{"return hmac.Equal(mac, want)", false},
		{`switch token { case "": }; return true`, false},
	} {
		got := earlyStops(t, "p.go", []byte(head+c.code+"\n}\n"), secret)
		if (len(got) > 0) != c.want {
			t.Errorf("%s: found %v, want a finding: %t", c.code, got, c.want)
		}
	}
}

// publicComparisons are lines of code whose operands are no secrets.
var publicComparisons = map[string]bool{
	// The name of a static file holds the hash of its text, and both are public.
	`../../core/static.go: if have, err := s.digest(plain); err == nil && have == digest {`: true,
	// Both are parts of one stored hash; no visitor's text is compared.
	`../../contrib/auth/hashers/crypt.go: if salt != "" && salt != digest[:cryptSaltSize] {`: true,
}

var (
	secretWords = []string{"mac", "hmac", "digest", "signature", "sig", "hash", "token", "secret", "csrf", "checksum", "password"}
	comparing   = []string{"bytes.Equal", "bytes.Compare", "bytes.EqualFold", "strings.EqualFold", "strings.Compare", "slices.Equal", "cmp.Compare", "reflect.DeepEqual"}
)

type finding struct {
	path   string
	number int
	line   string
}

// earlyStops returns the lines of a file that compare a secret and may stop early.
func earlyStops(t *testing.T, path string, source []byte, suspicious func(ast.Expr) bool) (found []finding) {
	t.Helper()
	lines := strings.Split(string(source), "\n")
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	public := map[int]bool{}
	for _, group := range file.Comments {
		if strings.HasPrefix(group.Text(), "public:") {
			public[files.Position(group.Pos()).Line] = true
		}
	}
	check := func(at token.Pos, a, b ast.Expr) {
		line := files.Position(at).Line
		if !public[line] && !harmless(a) && !harmless(b) && (suspicious(a) || suspicious(b)) {
			found = append(found, finding{path, line, strings.TrimSpace(lines[line-1])})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				check(n.OpPos, n.X, n.Y)
			}
		case *ast.CallExpr:
			if len(n.Args) == 2 && slices.Contains(comparing, dotted(n.Fun)) {
				check(n.Pos(), n.Args[0], n.Args[1])
			}
		case *ast.SwitchStmt:
			if n.Tag == nil {
				break
			}
			for _, clause := range n.Body.List {
				for _, value := range clause.(*ast.CaseClause).List {
					check(value.Pos(), n.Tag, value)
				}
			}
		}
		return true
	})
	return found
}

func dotted(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return dotted(s.X) + "." + s.Sel.Name
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return "?"
}

// harmless operands are literals, nil, true, false, and what is no text: lengths and the results
// of comparisons.
func harmless(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	case *ast.CallExpr:
		name := dotted(e.Fun)
		return name == "len" || strings.HasPrefix(name, "subtle.")
	case *ast.ParenExpr:
		return harmless(e.X)
	case *ast.UnaryExpr:
		return harmless(e.X)
	}
	return false
}

// secret reports whether the last word of an operand's name, or of what a call is given, is one
// of secretWords.
func secret(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return slices.Contains(secretWords, lastWord(e.Name))
	case *ast.SelectorExpr:
		return secret(e.Sel)
	case *ast.CallExpr:
		return secret(e.Fun) || slices.ContainsFunc(e.Args, secret)
	case *ast.SliceExpr:
		return secret(e.X)
	case *ast.IndexExpr:
		return secret(e.X)
	case *ast.ParenExpr:
		return secret(e.X)
	case *ast.StarExpr:
		return secret(e.X)
	}
	return false
}

// lastWord is "hash" for sessionHash, SessionHash, session_hash, HASH and hash.
func lastWord(name string) string {
	if strings.ToUpper(name) == name {
		return strings.ToLower(name[strings.LastIndexByte(name, '_')+1:])
	}
	i := strings.LastIndexFunc(name, func(r rune) bool { return unicode.IsUpper(r) || r == '_' })
	if i < 0 {
		return name
	}
	return strings.ToLower(strings.TrimPrefix(name[i:], "_"))
}
