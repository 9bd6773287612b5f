package rules_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"

	"latchkey/internal/rules"
)

func TestUsername(t *testing.T) {
	tests := []struct{ name, want, kept string }{
		{"joe", good, "joe"},
		{"Joe.Doe-1_2+x@example.com", good, "Joe.Doe-1_2+x@example.com"},
		{"o'neil", good, "o'neil"},
		{"1", good, "1"},
		{"-", good, "-"},
		{"...", good, "..."},
		{"mel", good, "mel"},
		{"李小龍", good, "李小龍"},
		{"1ü", good, "1ü"},
		{".ü", good, ".ü"},
		{"müller_", good, "müller_"},
		{"ひらがな", good, "ひらがな"},
		{"देवनागरी", good, "देवनागरी"},

		// Unicode forms and width
		{"ünal", good, "ünal"},
		{"u\u0308nal", good, "ünal"},
		{"ｊｏｅ", good, "joe"},
		{"ＪＯＥ＠ｅｘａｍｐｌｅ．ｃｏｍ", good, "JOE@example.com"},
		{"ｶﾞｷﾞ", good, "ガギ"},
		{"\u1112\u1161\u11ab", good, "한"},
		{"\u212aelvin", good, "Kelvin"},
		{"\u212bngstr\u00f6m", good, "Ångström"},

		// case
		{"ısık", good, "ısık"},
		{"İstanbul", good, "İstanbul"},
		{"straße", good, "straße"},
		{"STRAẞE", good, "STRAẞE"},
		{"Σίσυφος", good, "Σίσυφος"},

		// writing directions (RFC 5893 §2)
		{"דוד", good, "דוד"},
		{"محمد1", good, "محمد1"},
		{"דוד.cohen", other, ""},
		{"joeדוד", other, ""},
		{"1דוד", other, ""},
		{"\u202eeoj", other, ""},
		{"joe\u200f", other, ""},
		{"\u2066joe\u2069", other, ""},

		// what cannot be seen
		{" ", other, ""},
		{"joe doe", other, ""},
		{" joe", other, ""},
		{"joe\u3000doe", other, ""},
		{"joe\u00a0doe", other, ""},
		{"joe\n", other, ""},
		{"joe\x00", other, ""},
		{"joe\x1b[31m", other, ""},
		{"joe\u0085", other, ""},
		{"joe\u00ad", other, ""},
		{"joe\u200b", other, ""},
		{"joe\u2060", other, ""},
		{"joe\ufeff", other, ""},
		{"joe\ufe0f", other, ""},
		{"joe\u034f", other, ""},
		{"\u115f", other, ""},
		{"\u1160", other, ""},
		{"\u3164", other, ""},
		{"\uffa0", other, ""},
		{"\u17b4", other, ""},
		{"\u2800", other, ""},
		{"joe\U000e0041", other, ""},
		{"क्\u200dष", other, ""}, // ZWJ and ZWNJ where PRECIS allows them
		{"نام\u200cه", other, ""},
		{"j\u200doe", other, ""},

		// other characters
		{"joe\xff", other, ""},
		{"\xed\xa0\x80", other, ""},
		{"joe😀", other, ""},
		{"joe!", other, ""},
		{"joe/doe", other, ""},
		{"joe\\doe", other, ""},
		{"joe%2e", other, ""},
		{"joe:doe", other, ""},
		{"<joe>", other, ""},
		{"joe\"", other, ""},
		{"joe’s", other, ""},
		{"l·l", other, ""},
		{"ガ・ガ", other, ""},
		{"ﬁn", other, ""},
		{"x²", other, ""},
		{"Ⅷ", other, ""},
		{"\u0378", other, ""},
		{"\ue000", other, ""},
		{"\ufffd", other, ""},

		// combining marks
		{"\u0301", other, ""},
		{"\u0301\u0302", other, ""},
		{"\u0301joe", other, ""},
		{"ﾞ", other, ""},
		{"joe\u20dd", other, ""},
		{"q\u0301\u0302", good, "q\u0301\u0302"},

		// reserved
		{".", other, ""},
		{"..", other, ""},
		{"．．", other, ""},
		{"me", other, ""},
		{"ME", other, ""},
		{"Me", other, ""},
		{"ｍｅ", other, ""},

		// length
		{"", tooShort, ""},
		{strings.Repeat("x", 64), good, strings.Repeat("x", 64)},
		{strings.Repeat("x", 65), tooLong, ""},
		{strings.Repeat("ü", 64), good, strings.Repeat("ü", 64)},
		{strings.Repeat("u\u0308", 64), good, strings.Repeat("ü", 64)},
		{strings.Repeat("\u03b1\u0313\u0300\u0345", 64), good, strings.Repeat("\u1f82", 64)},
		{strings.Repeat("u\u0308", 65), tooLong, ""},
		{strings.Repeat("𝐱", 64), other, ""},
		{strings.Repeat("𠀀", 64), good, strings.Repeat("𠀀", 64)},
		{strings.Repeat("𠀀", 65), tooLong, ""},
		{strings.Repeat("x", 1<<20), tooLong, ""},
		{"a" + strings.Repeat("\u0301", 63), other, ""},
	}
	for _, tt := range tests {
		kept, err := rules.Username(tt.name)
		if got := fault(t, tt.name, err); got != tt.want || kept != tt.kept {
			t.Errorf("%q: kept %q, %v", tt.name, kept, err)
		}
		holdUsername(t, tt.name)
	}
}

func TestSignUpName(t *testing.T) {
	for name, want := range map[string]string{
		"joe": good, "joe@example.com": other, "@": other, "joe＠example": other, "": tooShort, "joe doe": other, "me": other,
	} {
		if err := rules.SignUpName(name); fault(t, name, err) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestFoldUsername(t *testing.T) {
	tests := []struct{ name, want string }{
		{"", ""},
		{"Joe.Doe@Example.COM", "joe.doe@example.com"},
		{"ＪＯＥ", "joe"},
		{"ÜNAL", "ünal"},
		{"U\u0308NAL", "ünal"},
		{"\u212aELVIN", "kelvin"},
		{"\u2126", "ω"},
		{"STRAẞE", "straße"},
		{"STRASSE", "strasse"}, // toLowerCase, not case folding (RFC 8265 §3.3.2)
		{"ISIK", "isik"},
		{"ısık", "ısık"},
		{"İ", "i\u0307"},
		{"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
		{"Σίσυφος", "σίσυφος"},
		{"Ꭰ", "ꭰ"},
		{"𐐀", "𐐨"},

		// What PRECIS refuses
		{"Joe Doe", "joe doe"},
		{"ÜNAL X", "Ünal x"},
		{"JOE\xff", "joe\xff"},
		{"JOE\u200b", "joe\u200b"},
		{strings.Repeat("Ü", 1024), strings.Repeat("Ü", 1024)},
		{strings.Repeat("U", 1025), strings.Repeat("u", 1025)},
	}
	for _, tt := range tests {
		if got := rules.FoldUsername(tt.name); got != tt.want {
			t.Errorf("%q is folded to %q, not %q", tt.name, got, tt.want)
		}
		holdUsername(t, tt.name)
	}
}

// Every character there is, alone and among others that change how it is taken.
func TestEveryCharacterInUsernames(t *testing.T) {
	alike := rangetable.Merge(unicode.Co, unicode.Cs, unicode.Han, unicode.Hangul, unicode.Tangut, unicode.Egyptian_Hieroglyphs)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r > 0xffff && !unicode.IsGraphic(r) || r%64 > 0 && unicode.Is(alike, r) {
			continue
		}
		for _, name := range []string{
			string(r), "a" + string(r), "A" + string(r) + "\u0307", "א" + string(r) + "א",
			string(r) + "\u0301\u0345", "σ" + string(r) + "\u0323\u0308", "カ" + string(r), "\u1100" + string(r),
		} {
			holdUsername(t, name)
		}
		if kept, err := rules.Username("a" + string(r)); err == nil && !unicode.IsGraphic(r) {
			t.Errorf("%q is kept as %q", "a"+string(r), kept)
		}
	}
}

// holdUsername is what callers rely on, whatever the name.
func holdUsername(t *testing.T, name string) {
	t.Helper()
	folded := rules.FoldUsername(name)
	if again := rules.FoldUsername(folded); again != folded {
		t.Errorf("%q is folded to %q and that to %q", name, folded, again)
	}
	if lower := rules.FoldUsername(asciiLower(name)); lower != folded {
		t.Errorf("%q is folded to %q, in ASCII lower case to %q", name, folded, lower)
	}
	kept, err := rules.Username(name)
	if err != nil {
		if fault(t, name, err); kept != "" {
			t.Errorf("%q is refused and kept as %q", name, kept)
		}
		return
	}
	if again, err := rules.Username(kept); err != nil || again != kept {
		t.Errorf("%q is kept as %q and that as %q: %v", name, kept, again, err)
	}
	if of := rules.FoldUsername(kept); of != folded {
		t.Errorf("%q is folded to %q, kept as %q to %q", name, folded, kept, of)
	}
	if n := utf8.RuneCountInString(kept); n < 1 || n > 64 || !utf8.ValidString(kept) || strings.ContainsFunc(kept, unicode.IsSpace) {
		t.Errorf("%q is kept as %q", name, kept)
	}
}

// asciiLower is SQL's lower().
func asciiLower(s string) string {
	for r := 'A'; r <= 'Z'; r++ {
		s = strings.ReplaceAll(s, string(r), string(r+'a'-'A'))
	}
	return s
}
