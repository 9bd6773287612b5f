package auth

import (
	"fmt"
	"strings"

	"latchkey/models"
)

// CheckScopes says which of the scopes the service does not declare.
func CheckScopes(scopes []string) error {
	for _, s := range scopes {
		if !models.ScopeDeclared(s) {
			return fmt.Errorf("%q is not a scope of this service, which has %s", s, strings.Join(models.ScopeNames(), " "))
		}
	}
	return nil
}
