package database

import (
	"context"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// openPostgres opens the database that a whole URL names. No error of it wraps one of the driver's,
// because those carry the URL with its password.
func openPostgres(text string) (*opened, error) {
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || !strings.Contains(text, "://") {
		return nil, failed("the database URL cannot be read",
			"write postgres://user:password@host:5432/name and percent-encode special characters in the password (@ as %40, / as %2F, # as %23)")
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, failed("the part of the database URL after the ? cannot be read", "write it as name=value&name=value")
	}
	p, err := takePool(q, pool{maxOpen: 16, lifetime: time.Hour, idleTime: 5 * time.Minute})
	if err != nil {
		return nil, err
	}
	chosenMode := q.Has("default_query_exec_mode")
	u.RawQuery = q.Encode()
	config, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, failed("the database URL has a setting that PostgreSQL's driver refuses"+reason(err, u), "correct it")
	}
	if !chosenMode {
		config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	if config.RuntimeParams["timezone"] == "" && config.RuntimeParams["TimeZone"] == "" {
		config.RuntimeParams["timezone"] = "UTC"
	}
	return &opened{postgresConnector{stdlib.GetConnector(*config), config}, pgdialect.New(), p}, nil
}

// reason returns the innermost part of the driver's complaint about a URL, in brackets, or nothing
// where it might show a secret.
func reason(err error, u *url.URL) string {
	inner := errors.Unwrap(err)
	if inner == nil {
		return ""
	}
	text := inner.Error()
	if pw, ok := u.User.Password(); ok && pw != "" && strings.Contains(text, pw) {
		return ""
	}
	if strings.ContainsAny(text, "\"'`%") || strings.Contains(text, "://") {
		return "" // it repeats a part of the URL, and a password that is not encoded may be in any
	}
	return " (" + text + ")"
}

// postgresConnector opens connections to one PostgreSQL database and says why it cannot.
type postgresConnector struct {
	driver.Connector
	config *pgx.ConnConfig
}

// Connect implements [driver.Connector].
func (c postgresConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err == nil {
		return conn, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("database: connecting to %s: %w", c.address(), ctx.Err())
	}
	return nil, c.explain(err)
}

// address returns where the server is, as people write it.
func (c postgresConnector) address() string {
	if strings.HasPrefix(c.config.Host, "/") {
		return "PostgreSQL on the socket in " + c.config.Host
	}
	return "PostgreSQL at " + net.JoinHostPort(c.config.Host, strconv.Itoa(int(c.config.Port)))
}

// explain says why the server let nobody in. The driver's ConnectError holds the password in a field
// and is left out of the chain; what caused it stays in.
func (c postgresConnector) explain(err error) error {
	if e, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		err = errors.Unwrap(e)
	}
	at := c.address()
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return c.explainCode(e)
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return failedBy(err, fmt.Sprintf("the host %q of the database URL is not known", c.config.Host), "correct the host")
	}
	var timeout net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failedBy(err, fmt.Sprintf("%s does not answer within %s", at, c.config.ConnectTimeout), "start it, let the firewall through, or correct host and port in the database URL")
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return failedBy(err, at+" is not running there", "start it or correct host and port in the database URL")
	case isTLS(err):
		return failedBy(err, at+" could not agree on encryption ("+innermost(err)+")", "correct sslmode and sslrootcert in the database URL or the server's certificate")
	}
	return failedBy(err, at+" cannot be reached ("+innermost(err)+")", "correct that or the database URL")
}

// explainCode turns the server's refusals into sentences.
func (c postgresConnector) explainCode(e *pgconn.PgError) error {
	at := c.address()
	switch e.Code {
	case "3D000": // invalid_catalog_name
		return failedBy(e, fmt.Sprintf("%s has no database %q", at, c.config.Database), "create it (createdb) or correct the name in the database URL")
	case "28P01": // invalid_password
		return failedBy(e, fmt.Sprintf("%s refuses the password of user %q", at, c.config.User), "correct user and password in the database URL")
	case "28000": // invalid_authorization_specification
		return failedBy(e, fmt.Sprintf("%s does not let user %q in to database %q", at, c.config.User, c.config.Database), "correct the user in the database URL, create the role, or allow it in pg_hba.conf")
	case "42501": // insufficient_privilege
		return failedBy(e, fmt.Sprintf("user %q has no right to connect to database %q of %s", c.config.User, c.config.Database, at), "grant it (GRANT CONNECT ON DATABASE) or correct the database URL")
	case "53300": // too_many_connections
		return failedBy(e, at+" has no free connection", "lower max_open_conns in the database URL or raise the server's max_connections")
	case "57P03": // cannot_connect_now
		return failedBy(e, at+" is starting or stopping", "try again in a moment")
	}
	return failedBy(e, fmt.Sprintf("%s refuses the connection (%s, SQLSTATE %s)", at, e.Message, e.Code), "correct that or the database URL")
}

// isTLS reports whether encryption was what failed.
func isTLS(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid) || strings.Contains(strings.ToLower(err.Error()), "tls")
}

// innermost returns the text of the first cause in err's chain, on one line.
func innermost(err error) string {
	for {
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			if next := e.Unwrap(); next != nil {
				err = next
				continue
			}
		case interface{ Unwrap() []error }:
			if all := e.Unwrap(); len(all) > 0 {
				err = all[0]
				continue
			}
		}
		return strings.Join(strings.Fields(err.Error()), " ")
	}
}
