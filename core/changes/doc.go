// Package changes lets the processes of a project keep rows in memory, each for itself, because
// they tell each other what they change. Sessions and users are kept by it when [core.Settings]
// has a Feed; without one, the default, nothing is.
//
//	s := core.SettingsFromEnv(os.Getenv)
//	s.Cache = changes.New(changes.Config{DB: s.DB, Age: time.Minute})
//
// # What is promised
//
// What a process keeps, it drops when any process with a [Feed] on the same database changes it:
// after the notification, which takes about as long as a query, and not at once. A change by
// somebody else, Django or psql, is seen when [Config.Age] has passed. The process that makes a
// change does not use what it kept from before it. [Fresh] is for code that must be certain: with
// its context everything is read from the database.
//
// How a process hears of changes depends on the database:
//   - PostgreSQL: who changes a row sends a notification (NOTIFY) in the same transaction, so it is
//     delivered if that commits, and each process listens on a connection outside of its pool. While
//     that connection is down or being made, nothing is kept and nothing kept is used. A connection
//     that breaks without a word is found out within ten seconds.
//   - SQLite: before each use the process asks the file for its version (PRAGMA data_version, about
//     ten microseconds), which changes with every commit by anybody, Django too. So nothing out of
//     date is ever used, but each commit to the file empties the memory.
//   - [Config.Source]: what an adapter for another medium hears, such as redisstore.NewFeed.
//
// Every process that changes the rows must have a Feed, commands too; to tell takes no background
// work. Reading is another matter: only a process in which [Feed.Start] was called keeps anything,
// and core does that when it serves.
//
// # Keeping something
//
// A package that keeps rows of its own names a topic, tells the feed of each change with
// [Feed.Write] or [Feed.Tell], and reads by way of a [Kept]:
//
//	kept := changes.Keep[*Menu](feed, "menus")
//
//	menu, ticket, ok := kept.Get(ctx, id)
//	if !ok {
//		menu, err = readMenu(ctx, id)
//		…
//		kept.Put(ticket, menu)
//	}
//
// A value that was read while its row changed is not taken: the ticket from before the reading
// tells. What is kept is shared by all requests and must not be changed by any.
//
// [core.Settings]: https://pkg.go.dev/github.com/go-belleville/belleville/core#Settings
package changes
