package hashers

import "fmt"

// Django52 returns the default list of Django 5.2: pbkdf2_sha256, pbkdf2_sha1, argon2,
// bcrypt_sha256 and scrypt, at its costs.
func Django52() []Hasher {
	return []Hasher{PBKDF2SHA256{}, PBKDF2SHA1{}, Argon2{}, BCryptSHA256{}, Scrypt{}}
}

// Django42 returns the default list of Django 4.2 at its costs: 600,000 iterations, and scrypt with
// a parallelism of 1. It is for a program that shares its users with such a Django: a hash of other
// costs would be made anew by each side in turn, and every time end the user's other sessions. As
// these costs are below today's, `check --deploy` warns of them; take [Django52] once both sides can.
func Django42() []Hasher {
	return []Hasher{PBKDF2SHA256{Iterations: 600_000}, PBKDF2SHA1{Iterations: 600_000}, Argon2{}, BCryptSHA256{}, Scrypt{P: 1}}
}

// Django32 returns the default list of Django 3.2 at its costs: 260,000 iterations, and no scrypt,
// which that version does not know. What is said of [Django42] holds here too.
func Django32() []Hasher {
	return []Hasher{PBKDF2SHA256{Iterations: 260_000}, PBKDF2SHA1{Iterations: 260_000}, Argon2{}, BCryptSHA256{}}
}

// Django14 returns the default list of Django 1.4: pbkdf2_sha256, pbkdf2_sha1, bcrypt, sha1, md5
// and crypt, for a database of its time. New hashes have today's cost, not that version's 10,000
// iterations, and old ones are upgraded to it. Append [UnsaltedMD5] and [UnsaltedSHA1] for hashes
// that are older still.
func Django14() []Hasher {
	return []Hasher{PBKDF2SHA256{}, PBKDF2SHA1{}, BCrypt{}, SHA1{}, MD5{}, Crypt{}}
}

// Problems returns what is wrong with the configuration, one sentence each with the fix in it; nil
// when nothing is. A program with a problem should not start.
func (h *Hashers) Problems() []string {
	var problems []string
	if len(h.config.List) == 0 {
		problems = append(problems, "The list of hashers is empty; leave it nil for Django's default list.")
	}
	seen := map[string]bool{}
	for i, one := range h.config.List {
		if one == nil {
			problems = append(problems, fmt.Sprintf("Hasher %d of the list is nil; remove it.", i+1))
			continue
		}
		name := one.Algorithm()
		if !isName(name) {
			problems = append(problems, fmt.Sprintf(
				"Hasher %d has the algorithm name %q; use up to 30 lower-case letters, digits and underscores.", i+1, name))
		}
		if seen[name] {
			problems = append(problems, fmt.Sprintf(
				"Two hashers of the list have the algorithm name %q, and only the first is used; remove the other.", name))
		}
		seen[name] = true
		if p, ok := one.(interface{ problem() string }); ok && p.problem() != "" {
			problems = append(problems, "Hasher "+p.problem())
		}
	}
	return problems
}

// Warnings returns why the preferred hasher is weaker than what Django 5.2 uses, one sentence each
// with the fix in it; nil when it is not. Such a configuration is fit for tests only. Of hashers
// outside this package nothing is known, and nothing said.
func (h *Hashers) Warnings() []string {
	if len(h.list) == 0 {
		return nil
	}
	if w, ok := h.list[0].(interface{ weakness() string }); ok && w.weakness() != "" {
		return []string{"The first hasher is " + w.weakness()}
	}
	return nil
}
