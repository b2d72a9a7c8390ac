package changes

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// postgres is the source of a PostgreSQL database.
type postgres struct {
	pool   *bun.DB // through which changes are told
	listen *bun.DB // where to connect for listening; often the same
	id     string
}

// beat is how often a quiet connection is tried, and patience how long it may take to answer.
const (
	beat     = 5 * time.Second
	patience = 5 * time.Second
)

// Listen implements [Source].
func (p *postgres) Listen(ctx context.Context, channel string, alive func(), heard func(string)) error {
	conn, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if err := p.begin(ctx, conn, channel); err != nil {
		return err
	}
	alive()
	for {
		text, err := next(ctx, conn, beat)
		switch {
		case err == nil:
			heard(text)
		case ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded):
			return err
		default:
			if err := ping(ctx, conn); err != nil {
				return err
			}
		}
		alive()
	}
}

func (p *postgres) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	conn, err := database.Connect(ctx, p.listen)
	if err != nil {
		return nil, err
	}
	native, ok := conn.(interface{ Conn() *pgx.Conn })
	if !ok {
		return nil, errors.Join(fmt.Errorf("changes: a %T cannot listen", conn), conn.Close())
	}
	return native.Conn(), nil
}

// begin listens, and makes sure that what is told through the pool arrives.
func (p *postgres) begin(ctx context.Context, conn *pgx.Conn, channel string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	hello := p.id + ".hello"
	if _, err := p.pool.ExecContext(ctx, "SELECT pg_notify(?, ?)", channel, hello); err != nil {
		return err
	}
	for {
		text, err := next(ctx, conn, patience)
		if errors.Is(err, context.DeadlineExceeded) {
			return errNews
		}
		if err != nil || text == hello {
			return err
		}
	}
}

// next returns the next notification; context.DeadlineExceeded says that there was none.
func next(ctx context.Context, conn *pgx.Conn, wait time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	n, err := conn.WaitForNotification(ctx)
	if err != nil {
		return "", err
	}
	return n.Payload, nil
}

func ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return conn.Ping(ctx)
}
