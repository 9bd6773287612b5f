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
