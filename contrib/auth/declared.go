package auth

// declared returns every permission that an app of the project declares, by a model or by itself.
func (a *Auth) declared() PermissionSet {
	set := PermissionSet{}
	for _, m := range a.project.models {
		for _, p := range m.AllPermissions() {
			set[m.AppLabel()+"."+p.Codename] = struct{}{}
		}
	}
	for _, app := range a.project.apps {
		for _, p := range app.Permissions {
			set[app.Label+"."+p.Codename] = struct{}{}
		}
	}
	return set
}
