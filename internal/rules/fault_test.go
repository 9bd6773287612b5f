package rules_test

import (
	"errors"
	"strings"
	"testing"

	"latchkey/internal/rules"
)

func TestFaultsKeepTheValueToThemselves(t *testing.T) {
	for _, value := range []string{
		"hunter2", "hunter2\n", "hunter2\xff", "hunter2@", "hunter2@x..y", "hunter2@xn--hunter2", "דhunter2", "\u0301hunter2",
		"hunter2222", strings.Repeat("hunter2", 300),
	} {
		_, username := rules.Username(value)
		_, email := rules.Email(value)
		_, fullName := rules.FullName(value)
		for _, err := range []error{username, rules.SignUpName(value), email, fullName, rules.Password(value, value)} {
			var f *rules.Fault
			if errors.As(err, &f) && strings.Contains(f.Type+f.Msg+f.Error(), "hunter2") {
				t.Errorf("%q: %s, %s", value, f.Msg, f)
			}
		}
	}
}

func TestFaultsReadWell(t *testing.T) {
	for password, want := range map[string][2]string{
		"secret":   {"String should have at least 8 characters", "a password has at least 8 characters"},
		"password": {"Value error, that password is too common", "that password is too common"},
	} {
		var f *rules.Fault
		if err := rules.Password(password); !errors.As(err, &f) || f.Msg != want[0] || f.Error() != want[1] {
			t.Errorf("%s: %v", password, err)
		}
	}
}
