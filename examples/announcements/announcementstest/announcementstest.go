// Package announcementstest helps to test projects that use the plugin announcements.
//
//	announcementstest.Add(t, site.DB(), "Closed on Friday")
//	if got := announcementstest.Shown(browser.Get(t, "/")); !slices.Equal(got, []string{"Closed on Friday"}) { … }
package announcementstest

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/coretest"

	"example.com/announcements"
)

// Add stores an announcement that is shown from now on, and fails the test when that does not work.
func Add(t testing.TB, db *bun.DB, text string) *announcements.Announcement {
	t.Helper()
	m, err := announcements.New(announcements.Config{DB: db}).Add(t.Context(), text, 0)
	if err != nil {
		t.Fatalf("announcementstest: %v", err)
	}
	return m
}

var (
	barPattern  = regexp.MustCompile(`(?s)<ul class="messages announcements"[^>]*>(.*?)</ul>`)
	itemPattern = regexp.MustCompile(`<li>([^<]*)`)
)

// Shown returns the texts that the bar of a page shows, the newest first; nil when there is none. A
// project whose own announcements/bar.html has another markup has to look for itself.
func Shown(p *coretest.Page) []string {
	bar := barPattern.FindStringSubmatch(p.Body)
	if bar == nil {
		return nil
	}
	var texts []string
	for _, item := range itemPattern.FindAllStringSubmatch(bar[1], -1) {
		texts = append(texts, strings.TrimSpace(html.UnescapeString(item[1])))
	}
	return texts
}
