package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Address stands in a program's arguments where the address to listen on goes, as host:port.
const Address = "{address}"

// Program says how to start a server.
type Program struct {
	// Name is what reports call it; its output goes to a file of that name in Logs.
	Name string
	// Path is the executable, Args its arguments with [Address] in one of them.
	Path string
	Args []string
	// Env is added to this program's environment.
	Env []string
	// Dir is where it runs; empty means here.
	Dir string
	// Ready is a path that any answer below 500 shows to be up; empty means "/".
	Ready string
	// Logs is the folder for its output.
	Logs string
}

// Server is a program that runs and answers. Stop it.
type Server struct {
	// Name is the program's.
	Name string
	// URL is "http://127.0.0.1:<port>".
	URL string

	cmd  *exec.Cmd
	done chan struct{}
	log  string
}

// startTime is how long a server may take until it answers.
const startTime = 30 * time.Second

// Start starts a program on a free port and waits until it answers.
func Start(ctx context.Context, p Program) (*Server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &Server{Name: p.Name, URL: "http://" + address, done: make(chan struct{}), log: filepath.Join(p.Logs, strings.ReplaceAll(p.Name, " ", "-")+".log")}
	out, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer out.Close() // the program has its own copy
	args := make([]string, len(p.Args))
	for i, arg := range p.Args {
		args[i] = strings.ReplaceAll(arg, Address, address)
	}
	s.cmd = exec.Command(p.Path, args...)
	s.cmd.Env, s.cmd.Dir = append(os.Environ(), p.Env...), p.Dir
	s.cmd.Stdout, s.cmd.Stderr = out, out
	separate(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	go func() {
		_ = s.cmd.Wait() // why it ended is in its log
		close(s.done)
	}()
	if err := s.await(ctx, p.Ready); err != nil {
		_ = s.Stop()
		return nil, err
	}
	return s, nil
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

func (s *Server) await(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if path == "" {
		path = "/"
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var last error
	for {
		if last = s.ask(ctx, client, path); last == nil {
			return nil
		}
		select {
		case <-s.done:
			return fmt.Errorf("%s ended at once: %s", s.Name, s.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer (%w): %s", s.Name, last, s.lastWords())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) ask(ctx context.Context, client *http.Client, path string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusInternalServerError {
		return errors.New(res.Status)
	}
	return nil
}

// lastWords returns the end of the program's output.
func (s *Server) lastWords() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text[max(0, len(text)-2000):]))
}

// Stop asks the program and its children to end and kills them when they do not within ten seconds.
func (s *Server) Stop() error {
	if err := end(s.cmd.Process, false); err != nil {
		return fmt.Errorf("stop %s: %w", s.Name, err)
	}
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		_ = end(s.cmd.Process, true)
		<-s.done
	}
	return nil
}

// PID returns the id of the program's process, the first of its group.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Build compiles a main package of this module, named as the go command takes it ("./bench/server"),
// and returns the program's path, which is in dir. It runs where the benchmark was started.
func Build(ctx context.Context, pkg, dir string) (string, error) {
	path := filepath.Join(dir, filepath.Base(pkg))
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return path, nil
}

// Run runs a program to its end and returns what it printed. Its environment is env on top of this
// program's.
func Run(ctx context.Context, env []string, path string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(path), strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}
