// Package contenttypes gives every model of a project a row of its own in the database, so that
// other rows can speak of models: a permission is "to change a poll", a comment belongs to
// "poll 7". Table and rows are Django's.
//
//	types := contenttypes.New(db)
//	ct, err := types.For(ctx, (*polls.Question)(nil))
//
// The rows are made after each migrate. Look-ups are cached for the life of the service, since
// rows are never changed by a running program; inside a transaction, use [Types.In], which
// neither reads nor fills the cache.
//
// A [Ref] is two columns that together point to a row of any model, Django's generic foreign key.
package contenttypes
