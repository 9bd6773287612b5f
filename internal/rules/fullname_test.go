package rules_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"latchkey/internal/rules"
)

func TestFullName(t *testing.T) {
	tests := []struct{ name, want, kept string }{
		{"Ada Lovelace", good, "Ada Lovelace"},
		{"Ada  King", good, "Ada  King"},
		{"Nuñez, O’Neil-Smith Jr. (3rd)", good, "Nuñez, O’Neil-Smith Jr. (3rd)"},
		{"Nun\u0303ez", good, "Nuñez"},
		{"山田\u3000太郎", good, "山田 太郎"},
		{"Ada\u00a0Lovelace", good, "Ada Lovelace"},
		{" \u2003Ada\u00a0", good, "Ada"},
		{"ශ්\u200dරී", good, "ශ්\u200dරී"},
		{"علی\u200cرضا", good, "علی\u200cرضا"},
		{"葛\U000e0100城", good, "葛\U000e0100城"},
		{"Ada 👩‍💻", good, "Ada 👩‍💻"},
		{"דוד Cohen", good, "דוד Cohen"},
		{"?", good, "?"},

		{" ", other, ""},
		{"\u3000\u00a0", other, ""},
		{"\u200d", other, ""},
		{"\u0301", other, ""},
		{"\u3164", other, ""},
		{"\u115f", other, ""},
		{"Ada\n", other, ""},
		{"Ada\tLovelace", other, ""},
		{"Ada\x00", other, ""},
		{"Ada\x1b[31m", other, ""},
		{"Ada\x7f", other, ""},
		{"Ada\u0085", other, ""},
		{"Ada\u2028", other, ""},
		{"Ada\u202e", other, ""},
		{"Ada\u2067", other, ""},
		{"Ada\u200f", other, ""},
		{"Ada\u200b", other, ""},
		{"Ada\ufeff", other, ""},
		{"Ada\u00ad", other, ""},
		{"Ada\U000e0041", other, ""},
		{"Ada\ue000", other, ""},
		{"Ada\u0378", other, ""},
		{"Ada\xff", other, ""},

		{"", tooShort, ""},
		{strings.Repeat("ñ", 200), good, strings.Repeat("ñ", 200)},
		{strings.Repeat("n\u0303", 200), good, strings.Repeat("ñ", 200)},
		{strings.Repeat("x", 201), tooLong, ""},
		{strings.Repeat("x", 1<<20), tooLong, ""},
		{"a" + strings.Repeat("\u0301", 40), other, ""},
	}
	for _, tt := range tests {
		kept, err := rules.FullName(tt.name)
		if got := fault(t, tt.name, err); got != tt.want || kept != tt.kept {
			t.Errorf("%q: kept %q, %v", tt.name, kept, err)
		}
		holdFullName(t, tt.name)
	}
}

// holdFullName is what callers rely on, whatever the name.
func holdFullName(t *testing.T, name string) {
	t.Helper()
	kept, err := rules.FullName(name)
	if err != nil {
		if fault(t, name, err); kept != "" {
			t.Errorf("%q is refused and kept as %q", name, kept)
		}
		return
	}
	if again, err := rules.FullName(kept); err != nil || again != kept {
		t.Errorf("%q is kept as %q and that as %q: %v", name, kept, again, err)
	}
	if utf8.RuneCountInString(kept) > 200 || strings.ContainsAny(kept, "\x00\n\r\t\x1b\x7f\u202e") || strings.TrimSpace(kept) != kept {
		t.Errorf("%q is kept as %q", name, kept)
	}
}
