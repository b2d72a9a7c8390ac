package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/web"
)

// Token lets a program act as a user. The database has its digest only: who reads the table can use
// none of them. It is random and long, so a plain SHA-256 is enough, and can be looked for.
type Token struct {
	bun.BaseModel `bun:"table:stock_token,alias:token"`

	ID      int64     `bun:"id,pk,autoincrement"`
	Name    string    `bun:"name,notnull,type:varchar(100)"`
	Digest  string    `bun:"digest,notnull,unique,type:varchar(64)"`
	UserID  int64     `bun:"user_id,notnull"`
	Created time.Time `bun:"created,notnull"`
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// bearer makes the token's user the one of the request. A request without a token goes on as it is,
// with its session if it has one; a token that nobody has is refused, not ignored.
func (s *Stock) bearer(next http.Handler) http.Handler {
	return web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			next.ServeHTTP(w, r)
			return nil
		}
		u, err := s.userOf(r.Context(), strings.TrimSpace(token))
		if errors.Is(err, sql.ErrNoRows) || errors.Is(err, auth.ErrNoUser) || err == nil && !s.auth.Users().IsActive(u) {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			return &web.StatusError{Code: http.StatusUnauthorized, Message: "This token is not valid."}
		}
		if err != nil {
			return err
		}
		next.ServeHTTP(w, r.WithContext(auth.WithUser(r.Context(), u)))
		return nil
	})
}

func (s *Stock) userOf(ctx context.Context, token string) (auth.Account, error) {
	found := new(Token)
	if err := s.db.NewSelect().Model(found).Where("digest = ?", digest(token)).Scan(ctx); err != nil {
		return nil, err
	}
	return s.auth.Users().ByPK(ctx, fmt.Sprint(found.UserID))
}

func (s *Stock) createtoken() command.Command {
	return command.Command{
		Name: "createtoken", Args: "username name", Summary: "Make a token with which a program acts as a user",
		Details: "The token is printed once and cannot be shown again. The name says what it is for.",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, args []string) error {
				if len(args) != 2 {
					return command.Usagef("createtoken takes a username and a name, got %d arguments", len(args))
				}
				u, err := s.auth.Users().ByUsername(ctx, args[0])
				if errors.Is(err, auth.ErrNoUser) {
					return fmt.Errorf("there is no user %q", args[0])
				}
				if err != nil {
					return err
				}
				token := rand.Text() + rand.Text()
				row := &Token{Name: args[1], Digest: digest(token), UserID: u.(*auth.User).ID, Created: time.Now().UTC()}
				if _, err := s.db.NewInsert().Model(row).Exec(ctx); err != nil {
					return err
				}
				env.Printf("%s\n", token)
				return nil
			}
		},
	}
}
