package main

import (
	"context"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/go-belleville/belleville/core"
)

// profiler is an app without pages, which serves profiles of the program on another address.
func profiler(address string) core.App {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return core.App{
		Label: "profiler",
		Start: func(ctx context.Context) error {
			ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
			if err != nil {
				return err
			}
			go func() { _ = server.Serve(ln) }() // ends by Close
			return nil
		},
		Close: func(context.Context) error { return server.Close() },
	}
}
