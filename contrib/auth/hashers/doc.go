// Package hashers turns passwords into text for a database column and checks them again, in
// exactly the formats that Django uses, so that both may read and write the same column.
//
//	h := hashers.New(hashers.Config{}) // Django 5.2's list, pbkdf2_sha256 first
//	encoded, err := h.Make(ctx, "correct horse")
//	result, err := h.Check(ctx, "correct horse", encoded)
//	// result.OK; result.MustUpdate asks the caller to store h.Make(ctx, password) anew
//
// The first [Hasher] of [Config.List] makes new hashes, all of them verify old ones. [Django52],
// [Django42], [Django32] and [Django14] are ready lists; a list of one's own is written as
//
//	List: []hashers.Hasher{hashers.Argon2{}, hashers.PBKDF2SHA256{}, hashers.MD5{}}
//
// Every hasher here is a struct whose zero value has Django's cost. A hasher of a third party
// implements [Hasher], is tested with hasherstest.TestHasher, and is put into the list.
//
// # Timing
//
// [Hashers.Check] does the same work for a wrong password, an unusable one ("!…"), gibberish, a
// malformed hash and an algorithm that is not in the list: one run of the preferred hasher.
// [Hashers.Burn] does it for a user that does not exist. A wrong password for a hash of the
// preferred algorithm with a lower cost is hardened: the missing work is done as well. As in
// Django, a hash of another algorithm costs what that algorithm costs.
//
// # Beside pages
//
// On Linux each hash runs on an operating system's thread of its own with lowered priority, so that
// a flood of log-ins takes the processor time that pages leave. The thread ends with the hash; no
// other goroutine ever runs on it. Where the system does not allow that, and on other systems, the
// limit below is all that protects pages. [Config.FullPriority] switches it off.
//
// Go's scheduler gives a thread that hashes one of its processors (GOMAXPROCS) also while the system
// runs somebody else's. A program that serves pages should have as many more as hashes run at a
// time: EXTRA_PROCESSORS=4 in the environment of core.Main, on a machine with four. Nothing here
// changes GOMAXPROCS. [New] takes the default of [Config.Limit] from it, so raise it afterwards, as
// core.Main does, or set Limit.
//
// What lowered priority cannot do: it counts among the threads of one control group only, and not
// against a database on the same machine that runs in another; and where a quota of processor time
// is used up (a container's CPU limit), pages stop with the hashes: set Limit below the quota there.
// [Argon2] works on as many goroutines as it has lanes, which Go runs on its ordinary threads at
// full priority: only the limit and the further processors protect pages from it. The other
// algorithms work on the one thread.
//
// # Limits
//
// Hashing is slow on purpose, so at most [Config.Limit] hashes run at a time, at most
// [Config.Queue] callers wait for their turn (leaving when their context ends), and the next one
// gets a [BusyError], to be answered with status 503 and Retry-After.
//
// Stored text is not trusted. Before any work is done its parameters must lie within bounds, or
// within what the hasher itself is configured with, if that is more:
//
//	all            at most 512 bytes; decimal numbers without sign or leading zeros
//	pbkdf2_*       1 … 10,000,000 iterations; salt 1 … 128 bytes; digest of the algorithm's length
//	argon2         argon2id or argon2i of version 19, argon2i of version 16; at most 256 MiB, at
//	               least 8 KiB a thread; 1 … 16 passes; 1 … 64 threads; salt 8 … 64 bytes;
//	               digest 8 … 64 bytes
//	bcrypt*        $2a$, $2b$ or $2y$; cost 4 … 16
//	scrypt         N a power of two; 128·N·r at most 256 MiB; r and p 1 … 64; N·r·p at most 16
//	               times Django's; salt 1 … 128 bytes; digest 64 bytes
//	md5, sha1      salt 1 … 128 bytes; lower-case hexadecimal digest
//	crypt          13 characters of traditional DES crypt
//
// At the bounds one check takes a few seconds and 256 MiB. What lies outside is [ErrMalformed].
//
// The package stores nothing, knows no users and does not judge passwords (package password
// does). It does not normalise them either: they are hashed as the bytes they are.
package hashers
