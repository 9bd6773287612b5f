package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	noScopes   = `"security": [{"OAuth2PasswordBearer": []}], `
	someScopes = `"security": [{"OAuth2PasswordBearer": ["items:read"]}], `
	jsonBody   = `"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}, `
	formBody   = `"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}, `
)

func TestSharedResponsesFollowTheKindOfOperation(t *testing.T) {
	for _, c := range []struct{ name, operation, want string }{
		{"public", `"security": [], `, "200 413"},
		{"form", `"security": [], ` + formBody, "200 413"},
		{"JSON", `"security": [], ` + jsonBody, "200 413 422"},
		{"secured", noScopes, "200 400 401 413 503"},
		{"scoped", someScopes, "200 400 401 403 413 503"},
		{"scoped JSON", someScopes + jsonBody, "200 400 401 403 413 422 503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := withOperation(t, `{`+c.operation+`"responses": {"200": {"description": "OK"}}}`)
			apply(t, doc, addSharedResponses)
			responses := doc.Paths.Value("/things").Post.Responses.Map()
			if got := strings.Join(slices.Sorted(maps.Keys(responses)), " "); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestSharedResponsesGiveWay(t *testing.T) {
	doc := withOperation(t, `{`+noScopes+`"responses": {"401": {"description": "The handler's own"}}}`)
	apply(t, doc, addSharedResponses)
	expect(t, doc,
		"paths /things post responses 401", `{"description":"The handler's own"}`,
		"components responses Unauthorized", ``)
}

func TestSharedResponsesAreTheContracts(t *testing.T) {
	doc := withOperation(t, `{`+someScopes+jsonBody+`"responses": {}}`)
	apply(t, doc, addSharedResponses)
	expect(t, doc.Components.Responses,
		"InactiveUser content application/json example", `{"detail":"Inactive user"}`,
		"Unauthorized content application/json examples missing value", `{"detail":"Not authenticated"}`,
		"Unauthorized content application/json examples rejected value", `{"detail":"Invalid authentication credentials"}`,
		"Unauthorized headers WWW-Authenticate example", `"Bearer"`,
		"Unauthorized headers WWW-Authenticate required", `true`,
		"Forbidden content application/json example", `{"detail":"Not enough permissions"}`,
		"Forbidden headers WWW-Authenticate example", `"Bearer error=\"insufficient_scope\", scope=\"items:write\""`,
		"TooLarge content application/json example", `{"detail":"Request body too large"}`,
		"Invalid content application/json example", `{"detail":[{"type":"missing","loc":["body","title"],"msg":"Field required"}]}`,
		"Invalid content application/json schema", `{"$ref":"#/components/schemas/ValidationErrorAnswer"}`,
		"Unavailable content application/json example", `{"detail":"The database is not available"}`,
		"Unavailable headers Retry-After schema", `{"type":"integer"}`)
	expect(t, doc, "paths /things post responses 503", `{"$ref":"#/components/responses/Unavailable"}`)
}

func TestPromiseHeaders(t *testing.T) {
	doc := withOperation(t, `{"responses": {"200": {"description": "OK", "headers": {"Pragma": {"schema": {"type": "string"}}}}}}`)
	apply(t, doc, promiseHeaders)
	expect(t, doc, "paths /things post responses 200 headers Pragma", `{"required":true,"schema":{"type":"string"}}`)
}
