package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/command"
)

// Everybody has own of the first pool of permissions, and is in two groups, one of each kind, whose
// permissions are in no other pool: 22 in all.
const (
	own, ownPool       = 10, 16
	ofGroup, groupPool = 6, 12
	groupsOfKind       = 5
)

func (p *reports) loadpeople() command.Command {
	return command.Command{
		Name: "loadpeople", Args: "[how many]", Summary: "Make people with permissions and print their session keys",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, args []string) error {
				n := 1000
				if len(args) > 0 {
					var err error
					if n, err = strconv.Atoi(args[0]); err != nil {
						return command.Usagef("%q is no number of people", args[0])
					}
				}
				keys, err := p.load(ctx, n)
				for _, key := range keys {
					env.Printf("%s\n", key)
				}
				return err
			}
		},
	}
}

// load makes n people and returns the key of a session of each.
func (p *reports) load(ctx context.Context, n int) (keys []string, err error) {
	var made []*auth.User
	err = p.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		pools, err := pools(ctx, tx)
		if err != nil {
			return err
		}
		groups, err := p.groups(ctx, tx, pools)
		if err != nil {
			return err
		}
		made, err = p.people(ctx, tx, n, pools[0], groups)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, u := range made {
		key, err := p.logIn(ctx, u)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// pools returns what people have of their own, and what groups of the two kinds have. The page's own
// permission is the first of the second pool.
func pools(ctx context.Context, tx bun.Tx) (pools [3][]*auth.Permission, err error) {
	var all []*auth.Permission
	err = tx.NewSelect().Model(&all).OrderExpr("codename <> 'view_report', codename").Scan(ctx)
	if err != nil {
		return pools, err
	}
	if len(all) < ownPool+2*groupPool {
		return pools, fmt.Errorf("there are only %d permissions", len(all))
	}
	pools[1], all = all[:groupPool], all[groupPool:]
	pools[0], pools[2] = all[:ownPool], all[ownPool:]
	return pools, nil
}

// groups makes the groups of both kinds. Each has the first permission of its pool, and others.
func (p *reports) groups(ctx context.Context, tx bun.Tx, pools [3][]*auth.Permission) (groups [2][]*auth.Group, err error) {
	service := p.auth.Groups().In(tx)
	for kind := range groups {
		pool := pools[kind+1]
		for i := range groupsOfKind {
			g, err := service.Create(ctx, fmt.Sprintf("Group %d.%d", kind, i))
			if err != nil {
				return groups, err
			}
			perms := append([]*auth.Permission{pool[0]}, window(pool[1:], i, ofGroup-1)...)
			if err := service.Permissions(g).Add(ctx, perms...); err != nil {
				return groups, err
			}
			groups[kind] = append(groups[kind], g)
		}
	}
	return groups, nil
}

// window returns n elements of a ring, from the i-th on.
func window[T any](ring []T, i, n int) []T {
	part := make([]T, n)
	for j := range part {
		part[j] = ring[(i+j)%len(ring)]
	}
	return part
}

func (p *reports) people(ctx context.Context, tx bun.Tx, n int, pool []*auth.Permission, groups [2][]*auth.Group) ([]*auth.User, error) {
	users := p.auth.Users().In(tx)
	first, err := users.Create(ctx, "person0000", "person0000@example.com", "not used to log in", nil)
	if err != nil {
		return nil, err
	}
	made := []*auth.User{first.(*auth.User)}
	for i := 1; i < n; i++ {
		u := *made[0] // the same password, which takes long to hash
		u.ID, u.Username, u.Email = 0, fmt.Sprintf("person%04d", i), fmt.Sprintf("person%04d@example.com", i)
		made = append(made, &u)
	}
	rest := made[1:]
	if len(rest) > 0 {
		if _, err := tx.NewInsert().Model(&rest).Exec(ctx); err != nil {
			return nil, err
		}
	}
	for i, u := range made {
		err := users.Permissions(u).Add(ctx, window(pool, i, own)...)
		if err == nil {
			err = users.Groups(u).Add(ctx, groups[0][i%groupsOfKind], groups[1][i/groupsOfKind%groupsOfKind])
		}
		if err != nil {
			return nil, err
		}
	}
	return made, nil
}

// logIn makes a session for a user as a log-in does, and returns its key.
func (p *reports) logIn(ctx context.Context, u *auth.User) (string, error) {
	s := p.auth.Config().Sessions.Open("")
	r, err := http.NewRequestWithContext(sessions.With(ctx, s), http.MethodPost, "/accounts/login/", nil)
	if err != nil {
		return "", err
	}
	if err := p.auth.Login(r, u, auth.LoginOptions{}); err != nil {
		return "", err
	}
	if err := s.Save(ctx); err != nil {
		return "", err
	}
	return s.Key(), nil
}
