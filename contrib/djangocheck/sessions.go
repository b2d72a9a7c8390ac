package djangocheck

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/signing"
)

// inTable is a store that keeps sessions in a table of the database.
type inTable interface {
	Table() string
	Codec() sessions.Codec
}

// store returns where the project's sessions are in the database; ours is false when they are not.
func (r *run) store() (table string, codec sessions.Codec, ours bool) {
	store := r.auth.Config().Sessions.Store()
	if front, ok := store.(interface{ Behind() sessions.Store }); ok {
		store = front.Behind()
	}
	if s, ok := store.(inTable); ok {
		return s.Table(), s.Codec(), true
	}
	return sessionTable, sessions.NewCodec(r.project.Settings().Keys, "", nil, nil), false
}

// seen is what the live sessions that were read have in common.
type seen struct {
	good, old, foreign int                  // by the outcome of reading: fine, of Django before 3.1, not JSON
	bad                []time.Time          // when those of another key were signed
	oldest             time.Time            // the first signing among the good ones
	backends           map[string]int       // unknown ones
	logins             map[string]time.Time // user -> when a session was signed
}

// lookAtSessions reads live sessions as the project would.
func (r *run) lookAtSessions(ctx context.Context) error {
	table, codec, ours := r.store()
	if !r.schema.has(table, "session_key", "session_data", "expire_date") {
		if ours {
			r.add("E040", "Run migrate; for a table of another name, see dbstore.Config.Table.", "There is no table %s, in which this project keeps sessions.", table)
		}
		return nil
	}
	s, err := r.readSessions(ctx, table, codec)
	if err != nil {
		return err
	}
	if !ours && r.live > 0 {
		r.add("E041", "Keep sessions in the database with dbstore, or have both sides use the same engine; docs/beside-django.md lists the pairs.",
			"%d live sessions of Django's are in the database, and this project keeps its sessions elsewhere: whoever is logged in there is nobody here.", r.live)
	}
	if r.live == 0 && ours {
		r.add("I046", "Log in at Django, then look again. If nothing appears, its SESSION_ENGINE is not the database.",
			"There is no live session in the table %s, so whether SECRET_KEY is the same was not seen.", table)
	}
	r.reportKeys(s)
	if s.foreign > 0 {
		r.add("E043", "Set SESSION_SERIALIZER in Django to django.contrib.sessions.serializers.JSONSerializer; those who are logged in log in again.",
			"%d of %d live sessions are signed with this project's key, but are not JSON: Django has another SESSION_SERIALIZER, such as PickleSerializer, which can only be read by Python.", s.foreign, r.live)
	}
	if s.old > 0 {
		r.add("W045", "Nothing, if those people may log in again; they are gone once they have expired.",
			"%d of %d live sessions are in the format of Django before 3.1, which is not read here.", s.old, r.live)
	}
	for _, name := range slices.Sorted(maps.Keys(s.backends)) {
		r.add("E044", "Put a backend whose Name() is that path into auth.Config.Backends.",
			"%d of %d live sessions were logged in by the backend %s, and no backend of this project answers to that name: to it they are anonymous.", s.backends[name], r.live, name)
	}
	return r.compareLogins(ctx, s)
}

// readSessions reads those that live longest, one after the other.
func (r *run) readSessions(ctx context.Context, table string, codec sessions.Codec) (*seen, error) {
	s := &seen{backends: map[string]int{}, logins: map[string]time.Time{}}
	rows, err := r.db.QueryContext(ctx, "SELECT session_data FROM ? WHERE expire_date > ? ORDER BY expire_date DESC LIMIT ?", bun.Ident(table), r.now.UTC(), r.o.Sample)
	if err != nil {
		return nil, fmt.Errorf("read some sessions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read a session: %w", err)
		}
		r.live++
		data, signed, err := codec.Read(text)
		switch {
		case err == nil:
			s.good++
			if s.oldest.IsZero() || signed.Before(s.oldest) {
				s.oldest = signed
			}
			r.look(s, data, signed)
		case !errors.Is(err, signing.ErrBadSignature):
			s.foreign++
		case ofOldDjango(text):
			s.old++
		default:
			s.bad = append(s.bad, signedAt(text))
		}
	}
	return s, rows.Err()
}

// look looks into a session that could be read.
func (r *run) look(s *seen, data sessions.Data, signed time.Time) {
	var backend, pk string
	if json.Unmarshal(data[auth.SessionBackend], &backend) != nil || backend == "" {
		return
	}
	if !slices.ContainsFunc(r.auth.Backends(), func(b auth.Backend) bool { return b.Name() == backend }) {
		s.backends[printable(backend)]++
	}
	if json.Unmarshal(data[auth.SessionUserID], &pk) == nil && pk != "" && len(s.logins) < maxLogins {
		s.logins[pk] = signed
	}
}

// printable cuts what is no dotted name, so that nothing odd reaches a terminal.
func printable(name string) string {
	if len(name) > 200 || !dotted.MatchString(name) {
		return "(a name that is no dotted path)"
	}
	return name
}

var dotted = regexp.MustCompile(`^[A-Za-z0-9_.\-]+$`)

// reportKeys says what sessions of another key mean. When they were all signed before the first good
// one, the key was changed; when not, two programs sign with different keys today.
func (r *run) reportKeys(s *seen) {
	const fix = "Set SECRET_KEY to Django's, byte for byte (in a shell, in quotes), and SECRET_KEY_FALLBACKS while Django has them. If Django's SESSION_ENGINE has a class of its own, set dbstore.Config.Salt to \"django.contrib.sessions.\" and that class's name."
	if len(s.bad) == 0 {
		return
	}
	newer := slices.ContainsFunc(s.bad, func(t time.Time) bool { return !t.Before(s.oldest) })
	if s.good == 0 || newer {
		r.add("E042", fix, "%d of %d live sessions are not signed with this project's key: those people are logged in on one side only.", len(s.bad), r.live)
		return
	}
	r.add("W047", fix, "%d of %d live sessions were signed with another key, all of them before any other: the key was changed. If Django still takes the old one (SECRET_KEY_FALLBACKS), those people are logged in there and not here.", len(s.bad), r.live)
}

// signedAt is when a text says that it was signed; zero when it says nothing.
func signedAt(text string) time.Time {
	parts := strings.Split(text, ":")
	if len(parts) < 3 {
		return time.Time{}
	}
	seconds, err := signing.DecodeBase62(parts[len(parts)-2])
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// hexThenColon begins sessions of Django before 3.1, behind their base 64.
var hexThenColon = regexp.MustCompile(`^[0-9a-f]{40}:`)

func ofOldDjango(text string) bool {
	raw, err := base64.StdEncoding.DecodeString(text)
	return err == nil && hexThenColon.Match(raw)
}
