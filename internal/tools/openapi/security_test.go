package main

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"latchkey/models"
)

// withScheme is a document with one operation and the service's scheme.
func withScheme(t *testing.T, operation string) *openapi3.T {
	t.Helper()
	return load(t, `{"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
		"paths": {"/things": {"get": `+operation+`}},
		"components": {"securitySchemes": {"OAuth2PasswordBearer": {"type": "oauth2",
			"flows": {"password": {"tokenUrl": "token", "scopes": {}}}}}}}`)
}

func TestDeclareScopes(t *testing.T) {
	doc := withScheme(t, `{"responses": {}, "security": [{"OAuth2PasswordBearer": ["items:read"]}]}`)
	apply(t, doc, declareScopes)
	scopes := doc.Components.SecuritySchemes[securityScheme].Value.Flows.Password.Scopes
	if len(scopes) != len(models.Scopes()) {
		t.Errorf("scopes %v", scopes)
	}
	for _, scope := range models.Scopes() {
		if scopes[scope.Name] != scope.Description {
			t.Errorf("%s is %q", scope.Name, scopes[scope.Name])
		}
	}
}

func TestDeclareScopesRefuses(t *testing.T) {
	err := declareScopes(withScheme(t, `{"responses": {}, "security": [{"OAuth2PasswordBearer": ["moon:visit"]}]}`))
	expectError(t, err, `GET /things asks for the scope "moon:visit"`)
	expectError(t, declareScopes(withOperation(t, `{"responses": {}}`)), "no security scheme OAuth2PasswordBearer")
}

func TestOpenPublicOperations(t *testing.T) {
	doc := withOperation(t, `{"responses": {}}`)
	apply(t, doc, openPublicOperations)
	expect(t, doc, "paths /things post security", `[]`)

	doc = withScheme(t, `{"responses": {}, "security": [{"OAuth2PasswordBearer": []}]}`)
	apply(t, doc, openPublicOperations)
	expect(t, doc, "paths /things get security", `[{"OAuth2PasswordBearer":[]}]`)
}
