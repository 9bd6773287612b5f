package rules_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/rangetable"

	"latchkey/internal/rules"
)

// The fuzzer rarely writes characters of many bytes: these are of those that are mapped, composed, or checked for what
// is around them.
func TestOddCharacters(t *testing.T) {
	odd := rangetable.Merge(unicode.M, unicode.Cf, unicode.Lu, unicode.Lt, unicode.Hebrew, unicode.Arabic, rangetable.New([]rune("aiklAIKL·09.-ßςσιℵ")...))
	var from []rune
	rangetable.Visit(odd, func(r rune) { from = append(from, r) })
	for r := '\u1100'; r < '\u1200'; r++ {
		from = append(from, r, r-'\u1100'+'\uff00') // Hangul to compose, and width to fold
	}
	random := rand.New(rand.NewPCG(8264, 8265))
	for range 30_000 {
		var b strings.Builder
		for range 1 + random.IntN(5) {
			b.WriteRune(from[random.IntN(len(from))])
		}
		holdUsername(t, b.String())
		holdFullName(t, b.String())
		holdEmail(t, "joe@x"+b.String())
		holdEmail(t, "joe@"+b.String()+".x")
		holdPassword(t, b.String()+"1234567", b.String())
	}
}

func FuzzUsername(f *testing.F) {
	for _, name := range []string{"Joe.Doe-1_2+x@example.com", "u\u0308nal", "ＪＯＥ", "İI\u0307", "דוד1", "ｶﾞ", "σςΣ", "\u1112\u1161\u11ab", "joe\xff"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		holdUsername(t, name)
		holdFullName(t, name)
		if rules.SignUpName(name) == nil {
			if _, err := rules.Username(name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}

func FuzzEmail(f *testing.F) {
	for _, address := range []string{"Joe.Doe+x@Sub.Example.com", "joe@bücher.example", "joe@xn--bcher-kva.example", "joe@例え。テスト", "a@דוד", "joe@localhost"} {
		f.Add(address)
	}
	f.Fuzz(holdEmail)
}

func FuzzPassword(f *testing.F) {
	for _, password := range []string{"correct horse battery", "P@ssw0rd12!", "e\u0301e\u0301e\u0301e\u0301", "ﷺ1234567", "12345678"} {
		f.Add(password, "joe@example.com")
	}
	f.Fuzz(holdPassword)
}
