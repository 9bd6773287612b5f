package rules_test

import (
	"testing"

	"latchkey/internal/rules"
)

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
