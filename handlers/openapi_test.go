package handlers_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/docs"
	"latchkey/handlers"
)

// access says of operations, such as "GET /items/{id}", who may call them.
type access map[string]string

const anyone = "anyone"

func bearer(scopes []string) string {
	return "a bearer with [" + strings.Join(slices.Sorted(slices.Values(scopes)), " ") + "]"
}

// declaredAccess is what the service enforces.
func declaredAccess() access {
	declared := access{}
	parameter := regexp.MustCompile(`:(\w+)`)
	for _, r := range handlers.Routes() {
		if r.Access.Undescribed {
			continue
		}
		path := parameter.ReplaceAllString(strings.TrimSuffix(r.Path, "/"), "{$1}")
		declared[r.Method+" "+path] = anyone
		if r.Access.Bearer || len(r.Access.Scopes) > 0 {
			declared[r.Method+" "+path] = bearer(r.Access.Scopes)
		}
	}
	return declared
}

// describedAccess is what the OpenAPI document says.
func describedAccess(t *testing.T, document []byte) access {
	t.Helper()
	var doc struct {
		Security []map[string][]string
		Paths    map[string]map[string]struct {
			Security []map[string][]string
		}
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Security != nil {
		t.Error("security is said of each operation, not of the document")
	}
	described := access{}
	for path, operations := range doc.Paths {
		for method, operation := range operations {
			key := strings.ToUpper(method) + " " + path
			switch requirements := operation.Security; len(requirements) {
			case 0:
				described[key] = anyone
			case 1:
				described[key] = bearer(requirements[0]["OAuth2PasswordBearer"])
			default:
				t.Errorf("%s has several ways in, of which this test knows one", key)
			}
		}
	}
	return described
}

// differences are those between the router and the document, either way.
func differences(declared, described access) []string {
	var found []string
	for key, who := range declared {
		switch said, ok := described[key]; {
		case !ok:
			found = append(found, key+" is not in the document")
		case said != who:
			found = append(found, key+" is for "+who+", and the document says "+said)
		}
	}
	for key := range described {
		if _, ok := declared[key]; !ok {
			found = append(found, key+" is in the document only")
		}
	}
	return slices.Sorted(slices.Values(found))
}

func TestRouterAndDocumentAgree(t *testing.T) {
	declared := declaredAccess()
	if len(declared) == 0 {
		t.Fatal("there are no routes to compare")
	}
	for _, difference := range differences(declared, describedAccess(t, docs.JSON)) {
		t.Error(difference)
	}
}

func TestDifferencesAreFound(t *testing.T) {
	declared := declaredAccess()
	for _, c := range []struct {
		name  string
		spoil func(access)
		want  string
	}{
		{"missing", func(a access) { delete(a, "GET /healthz") }, "GET /healthz is not in the document"},
		{"extra", func(a access) { a["GET /secrets"] = anyone }, "GET /secrets is in the document only"},
		{
			"other scopes", func(a access) { a["GET /items"] = bearer([]string{"items:write"}) },
			"GET /items is for a bearer with [items:read], and the document says a bearer with [items:write]",
		},
		{
			"public", func(a access) { a["GET /users/me"] = anyone },
			"GET /users/me is for a bearer with [], and the document says anyone",
		},
		{
			"other method", func(a access) { a["PUT /token"] = a["POST /token"]; delete(a, "POST /token") },
			"POST /token is not in the document; PUT /token is in the document only",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			described := maps.Clone(declared)
			c.spoil(described)
			if got := strings.Join(differences(declared, described), "; "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
