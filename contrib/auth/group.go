package auth

import (
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/contenttypes"
)

// Group is a label for users that gives them permissions.
type Group struct {
	bun.BaseModel `bun:"table:auth_group,alias:auth_group"`

	ID   int64  `bun:"id,pk,autoincrement,type:integer"`
	Name string `bun:"name,notnull,unique,type:varchar(150)"`
}

// String returns the name.
func (g *Group) String() string { return g.Name }

// Permission is a row of the permissions that can be given to users and groups. Rows are made
// after migrate for every model; see [core.Model].
type Permission struct {
	bun.BaseModel `bun:"table:auth_permission,alias:auth_permission"`

	ID            int64  `bun:"id,pk,autoincrement,type:integer"`
	Name          string `bun:"name,notnull,type:varchar(255)"`
	ContentTypeID int64  `bun:"content_type_id,notnull"`
	Codename      string `bun:"codename,notnull,type:varchar(100)"`

	// ContentType is filled in by the methods of [Users] and [Groups] that return permissions.
	ContentType *contenttypes.ContentType `bun:"rel:belongs-to,join:content_type_id=id"`
}

// Label returns "app.codename", the form in which programs name the permission. It needs
// ContentType.
func (p *Permission) Label() string {
	if p.ContentType == nil {
		return p.Codename
	}
	return p.ContentType.AppLabel + "." + p.Codename
}

// NaturalKey returns what names the permission in every database. It needs ContentType.
func (p *Permission) NaturalKey() (codename, app, model string) {
	if p.ContentType == nil {
		return p.Codename, "", ""
	}
	return p.Codename, p.ContentType.AppLabel, p.ContentType.Model
}

// String returns "app | model | name", for people.
func (p *Permission) String() string {
	if p.ContentType == nil {
		return p.Name
	}
	return p.ContentType.AppLabel + " | " + p.ContentType.Model + " | " + p.Name
}

// PermissionSet is a set of "app.codename".
type PermissionSet map[string]struct{}

// Has reports whether the set holds a permission.
func (s PermissionSet) Has(perm string) bool {
	_, ok := s[perm]
	return ok
}

// HasModule reports whether the set holds any permission of an app.
func (s PermissionSet) HasModule(app string) bool {
	for perm := range s {
		if len(perm) > len(app) && perm[len(app)] == '.' && perm[:len(app)] == app {
			return true
		}
	}
	return false
}
