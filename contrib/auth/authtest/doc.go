// Package authtest tests what plugs into contrib/auth, and logs the browsers of tests in.
//
//	var project = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) { … })
//
//	func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }
//
//	func TestMembersOnly(t *testing.T) {
//		t.Parallel()
//		project.Each(t, func(t *testing.T, s *authtest.Site) {
//			b := s.Browser()
//			authtest.ForceLogin(t, s.Auth, b, member)
//			page := b.Get(t, "/members/")
//			…
//		})
//	}
//
//	func TestMember(t *testing.T) { authtest.TestUserModel(t, project, authtest.UserModel{}) }
//
//	func TestKeys(t *testing.T) {
//		project.Each(t, func(t *testing.T, s *authtest.Site) {
//			…
//			authtest.TestBackend(t, keys.Backend{…}, authtest.Backend{Users: s.Auth.Users(), Right: keys.Key{…}})
//		})
//	}
package authtest
