package mail

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// view is what templates see.
type view struct {
	Data
	// Name is how to address the user, and never empty.
	Name string
	// ValidFor is in words, such as "1 hour".
	ValidFor string
}

// newView keeps what users chose from looking like what we wrote.
func newView(d Data) view {
	d.Username = tame(d.Username)
	d.FullName = tame(d.FullName)
	d.NewEmail = tame(d.NewEmail)
	v := view{Data: d, Name: d.FullName, ValidFor: inWords(d.ValidFor)}
	// Whoever registers with an address of somebody else's writes to them with
	// the name: not with advertisements.
	if v.Name == "" || advertising.MatchString(v.Name) || len([]rune(v.Name)) > 64 {
		v.Name = d.Username
	}
	return v
}

// advertising is what mail programs may take for a link, or what is meant to be one.
var advertising = regexp.MustCompile(`[/\\:@]|\.\p{L}{2}`)

// tame puts a text on one line and takes out what changes the direction of the
// text around it.
func tame(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// inWords says how long that is, in at most two units.
func inWords(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		name   string
		length time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		count := d / unit.length
		d %= unit.length
		switch {
		case count == 1:
			parts = append(parts, "1 "+unit.name)
		case count > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", count, unit.name))
		}
	}
	return strings.Join(parts[:min(len(parts), 2)], " and ")
}
