package core

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/core/check"
)

// checkDebug warns about DEBUG on a site that answers to a name which the world can reach.
func (p *Project) checkDebug(context.Context) []check.Message {
	if !p.settings.Debug {
		return nil
	}
	i := slices.IndexFunc(p.settings.AllowedHosts, isPublicHost)
	if i < 0 {
		return nil
	}
	return []check.Message{{
		Level: check.Warning, ID: "core.W002",
		Text: fmt.Sprintf("DEBUG is on, and the site answers to the public host %q.", p.settings.AllowedHosts[i]),
		Hint: "Visitors would see the details of every error. Leave DEBUG out, or allow hosts of this machine only.",
	}}
}

// isPublicHost reports whether an entry of ALLOWED_HOSTS names more than machines nearby: the names
// that are set aside for them (RFC 2606, 6761, 6762, 8375), names without a dot, private addresses.
func isPublicHost(pattern string) bool {
	if pattern == "*" {
		return true
	}
	name := strings.Trim(strings.ToLower(pattern), ".[]")
	if addr, err := netip.ParseAddr(name); err == nil {
		return !addr.IsLoopback() && !addr.IsPrivate() && !addr.IsLinkLocalUnicast() && !addr.IsUnspecified()
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	return last != name && !slices.Contains([]string{"localhost", "test", "example", "invalid", "local", "internal", "lan"}, last) &&
		!strings.HasSuffix(name, ".home.arpa")
}
