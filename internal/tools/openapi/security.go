package main

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"latchkey/models"
)

// securityScheme is the one of the service, as FastAPI names it.
const securityScheme = "OAuth2PasswordBearer"

// declareScopes describes the scopes as models does, so that they are said
// once, and refuses an operation that asks for another.
func declareScopes(doc *openapi3.T) error {
	scheme := doc.Components.SecuritySchemes[securityScheme]
	if scheme == nil || scheme.Value.Flows == nil || scheme.Value.Flows.Password == nil {
		return fmt.Errorf("there is no security scheme %s with a password flow", securityScheme)
	}
	scopes := map[string]string{}
	for _, scope := range models.Scopes() {
		scopes[scope.Name] = scope.Description
	}
	scheme.Value.Flows.Password.Scopes = scopes
	for name, operation := range operations(doc) {
		for _, scope := range neededScopes(operation) {
			if !models.ScopeDeclared(scope) {
				return fmt.Errorf("%s asks for the scope %q, which models.Scopes does not declare", name, scope)
			}
		}
	}
	return nil
}

// openPublicOperations says of operations without security that they have
// none on purpose.
func openPublicOperations(doc *openapi3.T) error {
	for _, operation := range operations(doc) {
		if operation.Security == nil {
			operation.Security = openapi3.NewSecurityRequirements()
		}
	}
	return nil
}

// secured says whether the operation asks for a token.
func secured(operation *openapi3.Operation) bool {
	return operation.Security != nil && len(*operation.Security) > 0
}

// neededScopes are those that the operation asks for.
func neededScopes(operation *openapi3.Operation) []string {
	var scopes []string
	if secured(operation) {
		for _, requirement := range *operation.Security {
			scopes = append(scopes, requirement[securityScheme]...)
		}
	}
	return scopes
}
