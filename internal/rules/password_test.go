package rules_test

import (
	"strings"
	"testing"

	"latchkey/internal/rules"
)

func TestPassword(t *testing.T) {
	tests := map[string][]string{
		good: {
			"correct horse battery", "new-password-1", "longenough-ok", "another secret", "violet-otter-41", "violet otter staple",
			"xk2vq9ad", "        x", "\x00\x01\x02\x03\x04\x05\x06\x07", "tab\tand\nline", "😀😃😄😁😆😅😂🤣", "длинныйпароль", "אבגדהוזח",
			"passwordless-is-nicer", "Password Manager", "mypassword", "password-x", "x-password", "password1x",
			"27182819", "john.doe-and-more", "jondoe99", "joe.doe@example.org", strings.Repeat("é ", 341) + "x", strings.Repeat("xy", 512),
		},
		tooShort: {"", "x", "secret", "1234567", "sieben7", "ﷺ", strings.Repeat("e\u0301", 7), "пароль"},
		tooLong:  {strings.Repeat("xy", 512) + "z", strings.Repeat("é", 513), strings.Repeat("\xff", 1<<20)},
		other: {
			"not UTF-8 \xff", "\xed\xa0\x80\xed\xa0\x80\xed\xa0\x80",

			// common
			"password", "PASSWORD", "Password", "ｐａｓｓｗｏｒｄ", "pa\u017f\u017fword", "12345678", "123456789", "1234567890", "qwertyuiop",
			"trustno1", "sunshine", "1q2w3e4r", "abcdefgh", "iloveyou", "jennifer", "Michael1234",
			// and digits or marks
			"password1", "password123", "Password2026!", "admin123", "qwerty12!", "letmein!!", "12345678901", "welcome1?", "monkey..", "test1234567890",
			"1234567!",
			// and leet
			"P@ssw0rd", "pa55w0rd", "p@$$w0rd1!", "adm1n2026", "s3cr3t123", "dr@g0n!!", "l3tm31n!", "ba5eba11", "5tarw@r5", "mu5tang!",
			// one character
			"00000000", "aaaaaaaa", "aaaaAAAA", "--------", "        ", "éééééééé", "😀😀😀😀😀😀😀😀", strings.Repeat("\x00", 1024), strings.Repeat("!", 9),

			// about the account
			"john.doe", "JOHN.DOE", "johndoe42", "JohnDoe42", "john.doe@example.com", "John.Doe@Example.com", "ｊohndoe42", "john.doe1", "J0hn.D03!",
		},
	}
	for want, passwords := range tests {
		for _, password := range passwords {
			err := rules.Password(password, "johndoe42", "John.Doe@example.com")
			if fault(t, password, err) != want {
				t.Errorf("%q: %v", password, err)
			}
			holdPassword(t, password, "johndoe42")
		}
	}
}

func TestPasswordAboutNobody(t *testing.T) {
	for _, about := range [][]string{nil, {""}, {"", ""}, {"@"}, {"l"}, {"", "@example.com"}} {
		if err := rules.Password("longenough-ok", about...); err != nil {
			t.Errorf("%q: %v", about, err)
		}
	}
	if err := rules.Password("李小龍-2026", "李小龍"); err != nil {
		t.Errorf("a name among others: %v", err)
	}
}

func TestNormalPassword(t *testing.T) {
	for password, want := range map[string]string{
		"": "", "plain ASCII": "plain ASCII", "é": "é", "e\u0301": "é", "\u212b": "\u00c5", "\u1112\u1161\u11ab": "한",
		"ﬁ ２ \u00a0": "ﬁ ２ \u00a0", "e\u0301\xff": "e\u0301\xff", "\x00": "\x00",
	} {
		if got := rules.NormalPassword(password); got != want {
			t.Errorf("%q becomes %q", password, got)
		}
	}
}

// holdPassword is what callers rely on, whatever the password and the account.
func holdPassword(t *testing.T, password, about string) {
	t.Helper()
	normal := rules.NormalPassword(password)
	if again := rules.NormalPassword(normal); again != normal {
		t.Errorf("%q becomes %q and that %q", password, normal, again)
	}
	err := rules.Password(password, about)
	fault(t, password, err)
	if len(normal) > 1024 || len(password) > 1024 {
		return
	}
	if of := rules.Password(normal, about); (of == nil) != (err == nil) || err != nil && of.Error() != err.Error() {
		t.Errorf("%q: %v, as %q: %v", password, err, normal, of)
	}
	if err == nil && strings.EqualFold(password, about) {
		t.Errorf("%q passes for %q", password, about)
	}
}

// A password that asks for the most work, beside which a hash takes 37 ms.
func BenchmarkPassword(b *testing.B) {
	for name, password := range map[string]string{
		"usual": "correct horse battery", "digits": "x" + strings.Repeat("9", 1023), "ligatures": strings.Repeat("ﷺ", 341),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := rules.Password(password, "johndoe", "joe@example.com"); err != nil {
					b.Log(err)
				}
			}
		})
	}
}
