package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	const url = "postgres://me:hunter2@db.example:5432/x"
	tests := []struct {
		name      string
		env       map[string]string
		noServer  bool
		noRace    bool
		wantURL   string
		wantLines string // parts, separated by |
		wantFlags string
		wantErr   string
	}{
		{name: "all there", wantURL: localURL, wantLines: "SQLite and PostgreSQL 15.1 (127.0.0.1:5432)|race detector: on", wantFlags: "-race"},
		{name: "named server", env: map[string]string{"TEST_DATABASE_URL": url}, wantURL: url, wantLines: "PostgreSQL 15.1 (TEST_DATABASE_URL)", wantFlags: "-race"},
		{name: "named server is away", env: map[string]string{"TEST_DATABASE_URL": url}, noServer: true, wantURL: url, wantErr: "correct it or unset it"},
		{name: "no server", noServer: true, wantURL: localURL, wantLines: "PostgreSQL is NOT tested (refused)", wantFlags: "-race"},
		{name: "no server but required", env: map[string]string{"REQUIRE_POSTGRES": "1"}, noServer: true, wantURL: localURL, wantErr: "REQUIRE_POSTGRES=1"},
		{name: "no compiler", noRace: true, wantURL: localURL, wantLines: "race detector: OFF"},
		{name: "no compiler but required", env: map[string]string{"REQUIRE_RACE": "1"}, noRace: true, wantURL: localURL, wantErr: "REQUIRE_RACE=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := probe{
				Getenv: func(key string) string { return tt.env[key] },
				Connect: func(_ context.Context, got string) (string, error) {
					if got != tt.wantURL {
						t.Errorf("connects to %q, want %q", got, tt.wantURL)
					}
					if tt.noServer {
						return "", errors.New("refused")
					}
					return "15.1", nil
				},
				BuildRace: func(context.Context) error {
					if tt.noRace {
						return errors.New("no gcc")
					}
					return nil
				},
			}
			lines, flags, err := p.Run(t.Context())
			for _, want := range strings.Split(tt.wantLines, "|") {
				if !strings.Contains(strings.Join(lines, "\n"), want) {
					t.Errorf("lines = %q, want %q among them", lines, want)
				}
			}
			if got := strings.Join(flags, " "); tt.wantErr == "" && got != tt.wantFlags {
				t.Errorf("flags = %q, want %q", got, tt.wantFlags)
			}
			if (err == nil) != (tt.wantErr == "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error = %v, want %q", err, tt.wantErr)
			}
		})
	}
}

// TestConnectHidesPassword: the line goes to logs of CI.
func TestConnectHidesPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://me:hunter2@127.0.0.1:1/x", "postgres://me:hunter2@127.0.0.1:port/x"} {
		_, err := connect(t.Context(), url)
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("connect(%q) = %v, want an error in one line without the password", url, err)
		}
	}
}
