package changes

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

// Config says where changes are heard of and how much is kept. DB or Source is required.
type Config struct {
	// DB is the database whose rows are kept.
	DB *bun.DB
	// URL is where to listen, when DB goes through a pooler that hands out connections per
	// transaction (pgbouncer): the server's own address, with the same database. Empty connects as DB does.
	URL string
	// Source hears of changes where rows do not lie in a database; DB and URL are not used then.
	Source Source
	// Channel is the name under which the processes of a project find each other; empty means
	// "belleville_changes". Two projects in one database may share it.
	Channel string
	// Age is how long something is kept at most: so long a change by a program without a Feed,
	// such as Django, may go unseen. 0 means a minute.
	Age time.Duration
	// Entries is how many rows of each kind are kept at most; 0 means 10,000. Those that were not
	// used for longest go first.
	Entries int
	// Log is told when listening begins and ends; nil means the project's.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Source hears what processes tell each other.
type Source interface {
	// Listen hears what is told on a channel, until ctx ends or nothing can be heard any more, and
	// returns why; never nil. It calls alive once it hears everything that is told from then on, and
	// every five seconds while it is sure that it still does; heard with each text. The calls come
	// from one goroutine.
	Listen(ctx context.Context, channel string, alive func(), heard func(text string)) error
}

// Feed is the news of what changed. It is made by [New] and safe for concurrent use. A nil Feed
// tells nobody and keeps nothing.
type Feed struct {
	c       Config
	log     atomic.Pointer[slog.Logger]
	source  Source  // nil for SQLite
	file    *sqlite // nil for everything else
	problem error   // why it cannot work
	id      string  // stands in front of what this process tells
	told    atomic.Uint64

	generation atomic.Uint64 // of what is kept: moves whenever everything is dropped
	up         atomic.Bool
	sign       atomic.Int64 // when the source was last heard of, in nanoseconds
	heardCount atomic.Uint64
	downs      atomic.Uint64
	failing    atomic.Bool // the file's version could not be read the last time

	mu      sync.Mutex
	started int
	cancel  context.CancelFunc
	done    chan struct{}
	kept    []store // never changed in place
}

// silence is how long a source may give no sign of life before what is kept is not used.
const silence = 15 * time.Second

// New returns a feed. It does no I/O; what is wrong with c is found by the system checks and by Start.
func New(c Config) *Feed {
	c.Channel = cmp.Or(c.Channel, "belleville_changes")
	c.Age, c.Entries = cmp.Or(c.Age, time.Minute), cmp.Or(c.Entries, 10_000)
	if c.Now == nil {
		c.Now = time.Now
	}
	f := &Feed{c: c, id: signing.RandomString(12, signing.LowerAlphanumeric)}
	f.LogTo(cmp.Or(c.Log, slog.Default()))
	switch {
	case c.Source != nil:
		f.source = c.Source
	case c.DB == nil:
		f.problem = fmt.Errorf("changes.Config has neither DB nor Source: set DB to the project's database")
	case database.IsPostgres(c.DB):
		listen := c.DB
		if c.URL != "" {
			listen, f.problem = database.Open(c.URL)
		}
		f.source = &postgres{pool: c.DB, listen: listen, id: f.id}
	default:
		f.file = &sqlite{db: c.DB}
	}
	return f
}

// LogTo names the logger, unless Config did.
func (f *Feed) LogTo(log *slog.Logger) {
	f.log.Store(cmp.Or(f.c.Log, log))
}

// Tells reports whether changes must be told: not to a nil Feed, nor on SQLite, whose file knows.
func (f *Feed) Tells() bool { return f != nil && f.file == nil && f.problem == nil }

// On reports whether db is the database whose changes the feed hears of.
func (f *Feed) On(db *bun.DB) bool { return f != nil && f.c.Source == nil && f.c.DB == db }

// Source returns [Config.Source]; nil for a database's feed.
func (f *Feed) Source() Source { return f.c.Source }

// Channel returns the name of the channel.
func (f *Feed) Channel() string { return f.c.Channel }

// Everything is the topic of changes that may concern any row.
const Everything = "*"

// everything stands for all keys of a topic.
const everything = "*"

// News returns the texts that tell of a change to rows of a topic, no keys being all of them, for
// a medium that sends them itself, each on [Feed.Channel], together with the change. From now on
// this process does not use what it keeps of them until it hears the texts, or ten seconds have
// passed. The texts name no key, only digests.
func (f *Feed) News(topic string, keys ...string) []string {
	digests := make([]digest, len(keys))
	for i, key := range keys {
		digests[i] = digestOf(topic, key)
	}
	for _, s := range f.stores(topic) {
		s.hold(digests)
	}
	const most = 300 // PostgreSQL takes 8,000 bytes
	if len(keys) == 0 {
		return []string{f.head(topic) + " " + everything}
	}
	var texts []string
	for len(digests) > 0 {
		part := digests[:min(most, len(digests))]
		digests = digests[len(part):]
		var b strings.Builder
		b.WriteString(f.head(topic))
		for _, d := range part {
			b.WriteString(" " + d.String())
		}
		texts = append(texts, b.String())
	}
	return texts
}

// head begins a text: who tells, a number that makes it unlike all others, and the topic.
func (f *Feed) head(topic string) string {
	return fmt.Sprintf("%s.%d %s", f.id, f.told.Add(1), topic)
}

// Tell tells all processes that rows of a topic changed, no keys being all of them: at the commit
// of db when that is a transaction, otherwise at once. It is one statement on PostgreSQL and nothing
// on SQLite. A feed with a Source cannot do it, see [Feed.News].
func (f *Feed) Tell(ctx context.Context, db bun.IDB, topic string, keys ...string) error {
	if !f.Tells() {
		return nil
	}
	if f.c.Source != nil {
		return fmt.Errorf("changes: the feed hears from a %T, which does not hear of changes to a database: give each its own feed", f.c.Source)
	}
	for _, text := range f.News(topic, keys...) {
		if _, err := db.ExecContext(ctx, "SELECT pg_notify(?, ?)", f.c.Channel, text); err != nil {
			return fmt.Errorf("tell other processes of a change: %w", err)
		}
	}
	return nil
}

// Write runs a change to rows of a topic and tells of it, both in one transaction of db where that
// is needed: then write gets it instead of db.
func (f *Feed) Write(ctx context.Context, db bun.IDB, topic string, keys []string, write func(ctx context.Context, db bun.IDB) error) error {
	if !f.Tells() {
		return write(ctx, db)
	}
	return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := write(ctx, tx); err != nil {
			return err
		}
		return f.Tell(ctx, tx, topic, keys...)
	})
}

// hear drops what a text is about.
func (f *Feed) hear(text string) {
	f.heardCount.Add(1)
	words := strings.Fields(text)
	if len(words) < 3 {
		return
	}
	sender, _, _ := strings.Cut(words[0], ".")
	stores := f.stores(words[1])
	for _, word := range words[2:] {
		if word == everything {
			for _, s := range stores {
				s.dropAll(sender == f.id)
			}
			continue
		}
		d, ok := parseDigest(word)
		if !ok {
			continue
		}
		for _, s := range stores {
			s.drop(d, sender == f.id)
		}
	}
}

// stores returns what keeps rows of a topic; "" means all.
func (f *Feed) stores(topic string) []store {
	f.mu.Lock()
	all := f.kept
	f.mu.Unlock()
	if topic == "" {
		return all
	}
	var found []store
	for _, s := range all {
		if topic == Everything || s.keeps() == topic {
			found = append(found, s)
		}
	}
	return found
}

func (f *Feed) add(s store) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = append(f.kept[:len(f.kept):len(f.kept)], s)
}
