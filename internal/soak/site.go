package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

// site is everything that runs: PostgreSQL, Redis and two servers.
type site struct {
	dir, key string

	databaseURL, redisAddress string
	postgres, redis           *process
	servers                   [2]*process
	serverAddresses           [2]string
}

// process is a program that can be killed and started again.
type process struct {
	name   string
	make   func() *exec.Cmd
	signal os.Signal // by which it is killed
	ready  func(context.Context) error
	cmd    *exec.Cmd
}

func (p *process) start(ctx context.Context) error {
	p.cmd = p.make()
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	return p.await(ctx)
}

// await waits until the program answers.
func (p *process) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := p.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", p.name, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// kill ends the program as a crash would.
func (p *process) kill() {
	if p == nil || p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Signal(p.signal)
	_ = p.cmd.Wait()
	p.cmd = nil
}

// freeAddress returns an address on this machine at which nobody listens.
func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}

// start makes the databases and starts everything.
func (s *site) start(ctx context.Context) error {
	if err := os.Chmod(s.dir, 0o755); err != nil { // PostgreSQL may run as another user
		return err
	}
	if err := errors.Join(s.startPostgres(ctx), s.startRedis(ctx)); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for i := range s.servers {
		if s.serverAddresses[i], err = freeAddress(); err != nil {
			return err
		}
		address := s.serverAddresses[i]
		s.servers[i] = &process{
			name: "server " + strconv.Itoa(i+1), signal: syscall.SIGKILL,
			make: func() *exec.Cmd {
				cmd := exec.Command(self, "serve")
				cmd.Env = append(os.Environ(), "DATABASE_URL="+s.databaseURL, "SOAK_REDIS="+s.redisAddress, "SOAK_ADDRESS="+address, "SECRET_KEY="+s.key)
				cmd.Stderr = os.Stderr
				return cmd
			},
			ready: func(ctx context.Context) error { return answers(ctx, "http://"+address+"/ready") },
		}
		if err := s.servers[i].start(ctx); err != nil {
			return err
		}
	}
	return nil
}

func answers(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func (s *site) addresses() []string { return s.serverAddresses[:] }

// startPostgres makes a cluster and the table. PostgreSQL refuses to run as root.
func (s *site) startPostgres(ctx context.Context) error {
	bin, err := postgresFolder()
	if err != nil {
		return err
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "postgres")
	as, err := ownerOf(data)
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(address)
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = data, as
		return cmd
	}
	if text, err := command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, text)
	}
	s.databaseURL = "postgres://postgres@" + address + "/postgres?sslmode=disable"
	db, err := database.Open(s.databaseURL)
	if err != nil {
		return err
	}
	defer db.Close()
	s.postgres = &process{
		name: "PostgreSQL", signal: syscall.SIGQUIT, // as `pg_ctl stop -m immediate`: no checkpoint, recovery at the next start
		make: func() *exec.Cmd {
			return command("postgres", "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
				"-c", "max_connections=100", "-c", "log_min_messages=panic")
		},
		ready: func(ctx context.Context) error {
			fresh, err := database.Open(s.databaseURL)
			if err != nil {
				return err
			}
			defer fresh.Close()
			return fresh.PingContext(ctx)
		},
	}
	if err := s.postgres.start(ctx); err != nil {
		return err
	}
	keys := signing.Keys{s.key}
	p, err := core.New(core.Settings{DB: db, Keys: keys}, sessions.New(sessions.Config{Store: dbstore.New(db, keys)}).App())
	if err != nil {
		return err
	}
	return p.Migrate(ctx, core.MigrateOptions{})
}

// postgresFolder finds the newest server's programs.
func postgresFolder() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("there is no PostgreSQL server here: install the package postgresql")
	}
	return filepath.Dir(path), nil
}

// ownerOf makes a folder and says as whom to run what works in it.
func ownerOf(dir string) (*syscall.SysProcAttr, error) {
	if err := os.Mkdir(dir, 0o700); err != nil || os.Getuid() != 0 {
		return nil, err
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err, err2, os.Chown(dir, uid, gid)); err != nil {
			return nil, err
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as")
}

// startRedis starts a Redis that answers only what it has on the disk.
func (s *site) startRedis(ctx context.Context) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	dir := filepath.Join(s.dir, "redis")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	s.redisAddress = address
	_, port, _ := net.SplitHostPort(address)
	client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1})
	s.redis = &process{
		name: "Redis", signal: syscall.SIGKILL,
		make: func() *exec.Cmd {
			return exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "",
				"--appendonly", "yes", "--appendfsync", "always", "--loglevel", "warning")
		},
		ready: func(ctx context.Context) error { return client.Ping(ctx).Err() },
	}
	return s.redis.start(ctx)
}

// kill kills one after the other and starts it again, until ctx ends, and returns how often.
func (s *site) kill(ctx context.Context, pause time.Duration) (kills int, err error) {
	order := []*process{s.servers[0], s.postgres, s.redis, s.servers[1]}
	for {
		select {
		case <-ctx.Done():
			return kills, nil
		case <-time.After(pause):
		}
		p := order[kills%len(order)]
		p.kill()
		kills++
		time.Sleep(min(pause/4, time.Second)) // that long it is away
		if err := p.start(context.WithoutCancel(ctx)); err != nil {
			return kills, err
		}
		fmt.Printf("%s was killed and is back\n", p.name)
	}
}

// ready waits until everything answers.
func (s *site) ready(ctx context.Context) error {
	return errors.Join(s.postgres.await(ctx), s.redis.await(ctx), s.servers[0].await(ctx), s.servers[1].await(ctx))
}

func (s *site) stop() {
	for _, p := range []*process{s.servers[0], s.servers[1], s.redis, s.postgres} {
		p.kill()
	}
}
