package auth_test

import (
	"strings"
	"testing"

	"latchkey/internal/auth"
)

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
		if err := auth.CheckScopes(strings.Fields(tt.scopes)); (err == nil) != tt.good {
			t.Errorf("%q: %v", tt.scopes, err)
		}
	}
	if err := auth.CheckScopes([]string{"admin"}); err == nil || !strings.Contains(err.Error(), "items:read items:write") {
		t.Errorf("%v does not say which scopes there are", err)
	}
}
