package djangocheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core/signing"
)

// storedHash is what is looked at of a user.
type storedHash struct {
	PK        string
	Password  string
	LastLogin string // as text, which sorts by time
}

// readHashes reads the users with the lowest and the highest keys, which are the oldest and the newest
// where keys are counted.
func (r *run) readHashes(ctx context.Context) ([]storedHash, error) {
	all := map[string]storedHash{}
	for _, end := range []string{"ASC", "DESC"} {
		var rows []storedHash
		pk, table := bun.Ident(r.userTable.pk), bun.Ident(r.userTable.name)
		err := r.db.NewRaw("SELECT CAST(? AS text) AS pk, password, COALESCE(CAST(last_login AS text), '') AS last_login FROM ? ORDER BY ? ? LIMIT ?",
			pk, table, pk, bun.Safe(end), (r.o.Sample+1)/2).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("read some users: %w", err)
		}
		for _, row := range rows {
			all[row.PK] = row
		}
	}
	return slices.Collect(maps.Values(all)), nil
}

// lookAtHashes looks for passwords that nobody can log in with here, and for those that each log-in
// on one side might make anew.
func (r *run) lookAtHashes(ctx context.Context) error {
	if !r.userTable.readable {
		return nil
	}
	users, err := r.readHashes(ctx)
	if err != nil {
		return err
	}
	r.users = len(users)
	h := r.auth.Users().Hashers()
	unknown := map[string]int{}
	var known []storedHash
	for _, u := range users {
		if u.Password == "" || !hashers.IsUsable(u.Password) {
			continue
		}
		if _, err := h.Identify(u.Password); err != nil {
			var e *hashers.UnknownAlgorithmError
			if !errors.As(err, &e) {
				return err
			}
			unknown[e.Algorithm]++
			continue
		}
		known = append(known, u)
	}
	for _, algorithm := range slices.Sorted(maps.Keys(unknown)) {
		r.addUnknown(algorithm, unknown[algorithm])
	}
	r.lookAtLatest(h, known)
	return nil
}

func (r *run) addUnknown(algorithm string, n int) {
	if algorithm == "" {
		r.add("W033", "Give these people a new password, or an unusable one if they log in by other means.",
			"%d of %d users have something as password that no version of Django makes, and cannot log in with it.", n, r.users)
		return
	}
	fix := "Write a hashers.Hasher for it and append it to hashers.Config.List."
	if name, ok := goHashers[algorithm]; ok {
		fix = "Append hashers." + name + "{} to hashers.Config.List."
	}
	r.add("E030", fix, "%d of %d users have hashes of the algorithm %s, which is not in this project's list of hashers: they cannot log in here.", n, r.users, algorithm)
}

// goHashers are the names of the hashers in package hashers.
var goHashers = map[string]string{
	"pbkdf2_sha256": "PBKDF2SHA256", "pbkdf2_sha1": "PBKDF2SHA1", "argon2": "Argon2", "bcrypt_sha256": "BCryptSHA256",
	"bcrypt": "BCrypt", "scrypt": "Scrypt", "md5": "MD5", "sha1": "SHA1", "unsalted_md5": "UnsaltedMD5",
	"unsalted_sha1": "UnsaltedSHA1", "crypt": "Crypt",
}

// latest is how many of the last log-ins are compared.
const latest = 20

// lookAtLatest looks at the users who logged in last. Wherever that was, it left them the hash that
// side prefers.
func (r *run) lookAtLatest(h *hashers.Hashers, users []storedHash) {
	users = slices.DeleteFunc(users, func(u storedHash) bool { return u.LastLogin == "" })
	slices.SortFunc(users, func(a, b storedHash) int { return cmp.Compare(b.LastLogin, a.LastLogin) })
	users = users[:min(latest, len(users))]
	list := h.List()
	if len(list) == 0 || len(users) == 0 {
		return
	}
	preferred := list[0]
	anew := map[string]int{}
	for _, u := range users {
		if hasher, err := h.Identify(u.Password); err == nil && (hasher.Algorithm() != preferred.Algorithm() || preferred.MustUpdate(u.Password)) {
			anew[costOf(hasher, u.Password)]++
		}
	}
	for _, cost := range slices.Sorted(maps.Keys(anew)) {
		r.add("W032", "Have the same list on both sides: hashers.Django42() beside Django 4.2, hashers.Django32() beside 3.2; --django VERSION compares with its defaults. If Django's costs have just been raised, this passes.",
			"Of the %d users who logged in last, %d have hashes that this project would make anew (%s). If Django prefers those, the two would take turns, and each turn ends the user's other sessions.",
			len(users), anew[cost], cost)
	}
}

// costOf describes what a hash cost, without salt and digest.
func costOf(h hashers.Hasher, encoded string) string {
	parts := []string{h.Algorithm()}
	s, ok := h.(hashers.Summarizer)
	if !ok {
		return parts[0]
	}
	fields, err := s.Summary(encoded)
	if err != nil {
		return parts[0] + ", malformed"
	}
	for _, f := range fields {
		switch f.Name {
		case "iterations", "work factor", "memory cost", "time cost", "parallelism", "block size":
			parts = append(parts, f.Name+" "+f.Value)
		}
	}
	return strings.Join(parts, ", ")
}

// lookAtDjangosHashers compares the project's list with the default one of a version of Django, by a hash
// of each.
func (r *run) lookAtDjangosHashers(ctx context.Context) error {
	if r.o.Django == "" {
		return nil
	}
	ours := r.auth.Users().Hashers()
	theirs := hashers.New(hashers.Config{List: djangos()[r.o.Django]})
	if len(ours.List()) == 0 {
		return nil // a system check says so
	}
	ourMade, ourCost, err := makeOne(ctx, ours)
	if err != nil {
		return err
	}
	theirMade, theirCost, err := makeOne(ctx, theirs)
	if err != nil {
		return err
	}
	fix := "Set auth.Config.Hashers to hashers.New(hashers.Config{List: hashers.Django" + strings.ReplaceAll(r.o.Django, ".", "") + "()}), or PASSWORD_HASHERS in Django to this project's."
	switch {
	case mustUpdate(ours, theirMade) || mustUpdate(theirs, ourMade):
		r.add("E031", fix, "Django %s hashes passwords with %s, this project with %s: each would make the other's anew at log-in, and end the user's other sessions.",
			r.o.Django, theirCost, ourCost)
	case len(lacks(ours, theirs))+len(lacks(theirs, ours)) > 0:
		r.add("W034", fix, "The lists of hashers differ: Django %s has %s, which this project lacks; this project has %s, which Django %s lacks. Such hashes verify on one side only.",
			r.o.Django, orNothing(lacks(ours, theirs)), orNothing(lacks(theirs, ours)), r.o.Django)
	}
	return nil
}

// makeOne makes a hash of a random text.
func makeOne(ctx context.Context, h *hashers.Hashers) (encoded, cost string, err error) {
	encoded, err = h.Make(ctx, signing.RandomString(20, signing.Alphanumeric))
	if err != nil {
		return "", "", err
	}
	return encoded, costOf(h.List()[0], encoded), nil
}

// mustUpdate reports whether a log-in would make the hash anew; so does one that fails.
func mustUpdate(h *hashers.Hashers, encoded string) bool {
	hasher, err := h.Identify(encoded)
	preferred := h.List()[0]
	return err != nil || hasher.Algorithm() != preferred.Algorithm() || preferred.MustUpdate(encoded)
}

// lacks are the algorithms of the other list that the first does not have.
func lacks(h, other *hashers.Hashers) []string {
	var names []string
	for _, o := range other.List() {
		if !slices.ContainsFunc(h.List(), func(own hashers.Hasher) bool { return own.Algorithm() == o.Algorithm() }) {
			names = append(names, o.Algorithm())
		}
	}
	return names
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
