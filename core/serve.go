package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
)

const defaultAddress = "127.0.0.1:8000"

func (p *Project) runserver() command.Command {
	return command.Command{
		Name:    "runserver",
		Args:    "[address]",
		Summary: "Serve the site over HTTP until SIGINT or SIGTERM",
		Details: "The address is host:port or a port; without one it is " + defaultAddress + ".\n" +
			"Requests under way are finished before the program ends.",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, args []string) error {
				addr, err := listenAddress(args)
				if err != nil {
					return err
				}
				if len(p.settings.AllowedHosts) == 0 {
					return errors.New("ALLOWED_HOSTS is empty, so no request would be answered: set it to this site's host names (with DEBUG=1 the local machine is allowed)")
				}
				if err := database.Check(ctx, p.settings.DB); err != nil {
					return err
				}
				p.warnUnapplied(ctx, env)
				ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
				if err != nil {
					return fmt.Errorf("cannot listen on %s: %w; name another address, as in `runserver 127.0.0.1:8001`", addr, err)
				}
				env.Printf("Serving at http://%s/ (stop with Ctrl-C)\n", ln.Addr())
				return p.Serve(ctx, ln)
			}
		},
	}
}

func listenAddress(args []string) (string, error) {
	switch {
	case len(args) == 0:
		return defaultAddress, nil
	case len(args) > 1:
		return "", command.Usagef("runserver takes one address, got %d", len(args))
	}
	addr := args[0]
	if _, _, err := net.SplitHostPort(addr); err != nil {
		addr = "127.0.0.1:" + addr
	}
	if _, port, err := net.SplitHostPort(addr); err != nil || !isPort(port) {
		return "", command.Usagef("%q is not an address: write host:port or a port", args[0])
	}
	return addr, nil
}

func isPort(s string) bool {
	_, err := net.LookupPort("tcp", s)
	return err == nil
}

// warnUnapplied tells about migrations that are missing; it never stops the server.
func (p *Project) warnUnapplied(ctx context.Context, env *command.Env) {
	if n, err := p.unapplied(ctx); err == nil && n > 0 {
		env.Errorf("%d migration(s) are not applied yet: run `%s migrate`.\n", n, env.Program)
	}
}

// unapplied returns how many migrations are missing.
func (p *Project) unapplied(ctx context.Context) (int, error) {
	m, err := p.migrator()
	if err != nil {
		return 0, err
	}
	plan, err := m.Plan(ctx)
	return len(plan), err
}

// Serve starts the apps' background work and answers requests on ln until ctx ends. Then it
// lets /readyz say no for Settings.DrainTime, stops listening, lets requests under way finish for Settings.ShutdownTimeout, and closes the
// apps. It returns nil after a stop in good order.
func (p *Project) Serve(ctx context.Context, ln net.Listener) error {
	h, err := p.Handler()
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	if err := p.Start(working); err != nil {
		return errors.Join(err, ln.Close())
	}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(p.settings.Log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	var serveErr error
	select {
	case <-ctx.Done():
		p.health.drain(working, p.settings.DrainTime)
	case serveErr = <-failed:
	}
	closing, cancel := p.shutdownContext()
	defer cancel()
	stopped := p.stop(closing, server)
	stopWork()
	return errors.Join(serveErr, stopped, p.Close(closing))
}

// stop ends the server, by force when requests take longer than they may.
func (p *Project) stop(ctx context.Context, server *http.Server) error {
	waiting, cancel := context.WithTimeout(ctx, p.settings.ShutdownTimeout)
	defer cancel()
	err := server.Shutdown(waiting)
	if errors.Is(err, context.DeadlineExceeded) {
		p.settings.Log.Warn("requests were cut off: they took longer than the shutdown may")
		return server.Close()
	}
	return err
}
