package config

import (
	"slices"
	"strings"
	"unicode"
)

// List is a setting of several values, separated by commas or spaces.
type List []string

// UnmarshalText adds the values that are not there yet: a flag that is given
// again adds to what it said before.
func (l *List) UnmarshalText(text []byte) error {
	separator := func(r rune) bool { return r == ',' || unicode.IsSpace(r) }
	for value := range strings.FieldsFuncSeq(string(text), separator) {
		if !slices.Contains(*l, value) {
			*l = append(*l, value)
		}
	}
	return nil
}
