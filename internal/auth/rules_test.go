package auth_test

import (
	"strings"
	"testing"

	"latchkey/internal/auth"
)

// rule fails the test where the error is not as wanted.
func rule(t *testing.T, value string, err error, good bool) {
	t.Helper()
	if (err == nil) != good {
		t.Errorf("%q: %v", value, err)
	}
	if err != nil && value != "" && len(value) < 100 && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows %q", err)
	}
}

func TestCheckUsername(t *testing.T) {
	tests := map[string]bool{
		"joe": true, "Joe.Doe-1_2+x@example.com": true, "ünal": true, "李": true, "1": true, "-": true,
		strings.Repeat("ü", 64): true, strings.Repeat("x", 65): false,
		"": false, " ": false, "joe doe": false, " joe": false, "joe\n": false, "joe\t": false, "joe\x00": false,
		"joe\x1b[31m": false, "joe\u00a0doe": false, "joe\u200b": false, "\u202eeoj": false, "joe\xff": false,
	}
	for name, good := range tests {
		rule(t, name, auth.CheckUsername(name), good)
	}
}

func TestCheckEmail(t *testing.T) {
	if err := auth.CheckEmail(nil); err != nil {
		t.Errorf("none: %v", err)
	}
	tests := map[string]bool{
		"joe@example.com": true, "joe+tag@sub.example.com": true, "o'neil@example.com": true,
		strings.Repeat("x", 242) + "@example.com": true, strings.Repeat("x", 243) + "@example.com": false,
		"": false, "joe": false, "@example.com": false, "joe@": false, "Joe <joe@example.com>": false,
		"<joe@example.com>": false, " joe@example.com": false, "joe@example.com,eve@example.com": false,
		"joe@example.com\n": false, "joe@exa mple.com": false, "joe@\x00example.com": false,
	}
	for email, good := range tests {
		rule(t, email, auth.CheckEmail(&email), good)
	}
}

func TestCheckPassword(t *testing.T) {
	tests := map[string]bool{
		"x": true, "hunter2": true, " ": true, "пароль": true,
		strings.Repeat("x", 1024): true, strings.Repeat("x", 1025): false, "": false,
	}
	for password, good := range tests {
		rule(t, password, auth.CheckPassword(password), good)
	}
}

func TestCheckScopes(t *testing.T) {
	tests := []struct {
		scopes string
		good   bool
	}{
		{"", true},
		{"items:read", true},
		{"items:write items:read", true},
		{"items:read admin", false},
		{"Items:read", false},
		{"items:*", false},
	}
	for _, tt := range tests {
		rule(t, tt.scopes, auth.CheckScopes(strings.Fields(tt.scopes)), tt.good)
	}
	if err := auth.CheckScopes([]string{"admin"}); err == nil || !strings.Contains(err.Error(), "items:read items:write") {
		t.Errorf("%v does not say which scopes there are", err)
	}
}
