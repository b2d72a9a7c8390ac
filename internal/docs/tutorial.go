package docs

import (
	"fmt"
	"regexp"
	"strings"
)

// A block of the tutorial says in the comment in front of it what is done with it:
//
//	tutorial: run                        type it into the shell
//	tutorial: serve                      the same, for a server that goes on until "stop"
//	tutorial: file=NAME                  a file with this content
//	tutorial: add file=NAME after=TEXT   below the first line that has TEXT
//	tutorial: replace file=NAME line=TEXT
//	tutorial: output                     lines that the last run block prints; … stands for any
//
// "stop" before any of them is Ctrl-C for the server.

// Script returns a bash script that does what a tutorial says, in the folder where it is started. PORT
// takes the place of 8000. The error is about a block that nobody would know what to do with, or
// of which the reader does not see to which file it belongs.
func Script(p *Page) (string, error) {
	b := strings.Builder{}
	b.WriteString(prelude)
	for _, block := range p.Blocks {
		note, ok := strings.CutPrefix(block.Note, "tutorial: ")
		if !ok {
			return "", fmt.Errorf("%s:%d: the comment in front says nothing of the tutorial", p.Name, block.Line)
		}
		text, err := step(note, block)
		if err != nil {
			return "", fmt.Errorf("%s:%d: %w", p.Name, block.Line, err)
		}
		fmt.Fprintf(&b, "\nstep=%s:%d\n%s", p.Name, block.Line, text)
	}
	b.WriteString("\nstop\n")
	return b.String(), nil
}

// prelude are the functions that the steps use.
const prelude = `set -euo pipefail
: "${PORT:?}" "${WORK:?}"
export ADDR=127.0.0.1:$PORT
server="" step=start
touch "$WORK/out" "$WORK/server.log"

finish() {
	status=$?
	stop
	if [ "$status" != 0 ]; then echo "FAILED at $step; the last output:"; tail -40 "$WORK/out"; echo "the server:"; tail -20 "$WORK/server.log"; fi
	exit "$status"
}
stop() {
	[ -n "$server" ] || return 0
	kill -TERM -- "-$server" 2> /dev/null || true
	wait "$server" 2> /dev/null || true
	server=""
}
trap finish EXIT
listens() { (exec 3<> "/dev/tcp/127.0.0.1/$PORT") 2> /dev/null; }
await() {
	for _ in {1..600}; do
		listens && return
		kill -0 "$server" 2> /dev/null || break
		sleep 0.1
	done
	echo "the server did not start" && exit 1
}
put() { mkdir -p "$(dirname "$1")" && cat > "$1"; }
add() { edit "$1" "$2" add; }
replace() { edit "$1" "$2" replace; }
edit() {
	cat > "$WORK/piece"
	grep -qF -- "$2" "$1" || { echo "$1 has no line with $2"; exit 1; }
	TEXT=$2 awk -v how="$3" -v piece="$WORK/piece" '
		index($0, ENVIRON["TEXT"]) && !done { if (how == "add") print; while ((getline line < piece) > 0) print line; done = 1; next }
		{ print }' "$1" > "$WORK/edited"
	cat "$WORK/edited" > "$1"
}
printed() {
	sed "s/127.0.0.1:8000/127.0.0.1:$PORT/" > "$WORK/want"
	while IFS= read -r line; do
		line=${line#"${line%%[![:space:]]*}"}
		[ -z "$line" ] || [ "$line" = … ] || grep -qF -- "$line" "$WORK/out" || { echo "it does not print: $line"; exit 1; }
	done < "$WORK/want"
}
`

var option = regexp.MustCompile(`(file|after|line)=('[^']*'|"[^"]*"|\S+)`)

// step returns the lines of the script for a block.
func step(note string, block Block) (string, error) {
	var out strings.Builder
	if rest, ok := strings.CutPrefix(note, "stop "); ok {
		note = rest
		out.WriteString("stop\n")
	}
	opts := map[string]string{}
	for _, m := range option.FindAllStringSubmatch(note, -1) {
		opts[m[1]] = strings.Trim(m[2], m[2][:1])
		if m[2][0] != '"' && m[2][0] != '\'' {
			opts[m[1]] = m[2]
		}
	}
	what, _, _ := strings.Cut(note, " ")
	what, _, _ = strings.Cut(what, "=")
	here := fmt.Sprintf(" <<'END_OF_BLOCK'\n%sEND_OF_BLOCK\n", block.Text)
	if opts["file"] != "" && !strings.Contains(block.Before, opts["file"]) {
		return "", fmt.Errorf("the paragraph before does not name %s", opts["file"])
	}
	switch {
	case what == "run":
		out.WriteString("{\n" + strings.ReplaceAll(block.Text, "127.0.0.1:8000", "127.0.0.1:$PORT") + "} > \"$WORK/out\" 2>&1\necho \"== $step\"; cat \"$WORK/out\"\n")
	case what == "serve":
		out.WriteString("set -m\n" + strings.TrimSuffix(block.Text, "\n") + " > \"$WORK/server.log\" 2>&1 < /dev/null &\nserver=$!\nset +m\nawait\n")
	case what == "output":
		out.WriteString("printed" + here)
	case what == "file" && opts["file"] != "":
		out.WriteString("put " + quote(opts["file"]) + here)
	case what == "add" && opts["file"] != "" && opts["after"] != "":
		out.WriteString("add " + quote(opts["file"]) + " " + quote(opts["after"]) + here)
	case what == "replace" && opts["file"] != "" && opts["line"] != "":
		out.WriteString("replace " + quote(opts["file"]) + " " + quote(opts["line"]) + here)
	default:
		return "", fmt.Errorf("nobody knows what to do with %q", note)
	}
	return out.String(), nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
