package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/models"
)

func TestItemLife(t *testing.T) {
	t.Run("sqlite", testItemLife)
	t.Run("postgres", testItemLife)
}

func testItemLife(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	made := s.JSON(http.MethodPost, "/items/", token, `{"title":"Brass key"}`)
	if made.Status != http.StatusCreated {
		t.Fatal(made.Status, made.Body)
	}
	item := apitest.Decode[models.Item](s, made)
	path := "/items/" + item.ID
	if got := s.Get(path, token); got.Status != http.StatusOK || got.Body != made.Body {
		t.Errorf("read: %d %s, made: %s", got.Status, got.Body, made.Body)
	}
	for _, step := range []struct{ changes, title, description string }{
		{`{}`, "Brass key", "<nil>"},
		{`{"description":"Opens the gate"}`, "Brass key", "Opens the gate"},
		{`{"title":"Iron key","id":"mine","owner_id":"mine"}`, "Iron key", "Opens the gate"},
		{`{"description":null}`, "Iron key", "<nil>"},
	} {
		got := s.JSON(http.MethodPatch, path, token, step.changes)
		changed := apitest.Decode[models.Item](s, got)
		description := "<nil>"
		if changed.Description != nil {
			description = *changed.Description
		}
		if got.Status != http.StatusOK || changed.ID != item.ID || changed.Title != step.title || description != step.description {
			t.Errorf("%s: %d %s", step.changes, got.Status, got.Body)
		}
	}
	if got := s.Send(http.MethodDelete, path, "", "Authorization", "Bearer "+token); got.Status != http.StatusNoContent || got.Body != "" {
		t.Errorf("delete: %d %s", got.Status, got.Body)
	}
	if got := s.Get(path, token); got.Status != http.StatusNotFound || got.Body != `{"detail":"Item not found"}` {
		t.Errorf("after that: %d %s", got.Status, got.Body)
	}
}

func TestItemsAreTheirOwnersAlone(t *testing.T) {
	t.Run("sqlite", testItemsAreTheirOwnersAlone)
	t.Run("postgres", testItemsAreTheirOwnersAlone)
}

func testItemsAreTheirOwnersAlone(t *testing.T) {
	s := apitest.Start(t)
	mine := apitest.Decode[models.Item](s, s.JSON(http.MethodPost, "/items/", s.LogIn("johndoe", "secret"), `{"title":"Mine"}`))
	s.Exec(`UPDATE users SET disabled = FALSE WHERE username = 'alice'`)
	alice := s.LogIn("alice", "secret2")
	path := "/items/" + mine.ID
	for _, got := range []apitest.Response{
		s.Get(path, alice),
		s.JSON(http.MethodPatch, path, alice, `{"title":"Hers"}`),
		s.Send(http.MethodDelete, path, "", "Authorization", "Bearer "+alice),
	} {
		if got.Status != http.StatusNotFound || got.Body != `{"detail":"Item not found"}` {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	}
	if got := s.Get("/items/", alice); got.Body != `{"data":[],"next":null}` {
		t.Errorf("her list: %s", got.Body)
	}
	if got := s.Get(path, s.LogIn("johndoe", "secret")); !strings.Contains(got.Body, `"title":"Mine"`) {
		t.Errorf("his item: %s", got.Body)
	}
}

func TestItemsInPages(t *testing.T) {
	t.Run("sqlite", testItemsInPages)
	t.Run("postgres", testItemsInPages)
}

func testItemsInPages(t *testing.T) {
	s := apitest.Start(t)
	token := s.LogIn("johndoe", "secret")
	for i := range 25 {
		if got := s.JSON(http.MethodPost, "/items/", token, fmt.Sprintf(`{"title":"%d"}`, i)); got.Status != http.StatusCreated {
			t.Fatal(got.Status, got.Body)
		}
	}
	for _, tc := range []struct {
		query string
		sizes []int
	}{{"", []int{20, 5}}, {"limit=10", []int{10, 10, 5}}, {"limit=25", []int{25}}, {"limit=100", []int{25}}, {"limit=1&cursor=", nil}} {
		if got := walk(s, token, tc.query); tc.sizes != nil && fmt.Sprint(got) != fmt.Sprint(tc.sizes) {
			t.Errorf("?%s: pages of %v, want %v", tc.query, got, tc.sizes)
		} else if tc.sizes == nil && len(got) != 25 {
			t.Errorf("?%s: %d pages", tc.query, len(got))
		}
	}
}

// walk follows the cursors and returns the pages' sizes. The titles must be
// 0, 1, 2 and so on.
func walk(s *apitest.Server, token, query string) (sizes []int) {
	next, seen := "", 0
	for {
		page := apitest.Decode[models.ItemPage](s, s.Get("/items/?"+query+next, token))
		for _, item := range page.Data {
			if item.Title != fmt.Sprint(seen) {
				return []int{-seen}
			}
			seen++
		}
		sizes = append(sizes, len(page.Data))
		if page.Next == nil {
			return sizes
		}
		next = "&cursor=" + *page.Next
		query = strings.TrimSuffix(query, "&cursor=")
	}
}

func TestItemInputsThatDoNotValidate(t *testing.T) {
	t.Run("sqlite", testItemInputsThatDoNotValidate)
	t.Run("postgres", testItemInputsThatDoNotValidate)
}

func testItemInputsThatDoNotValidate(t *testing.T) {
	s := apitest.Start(t)
	auth := []string{"Authorization", "Bearer " + s.LogIn("johndoe", "secret")}
	asJSON := append([]string{"Content-Type", "application/json"}, auth...)
	fault := func(kind, loc, msg string) string {
		return `{"type":"` + kind + `","loc":[` + loc + `],"msg":"` + msg + `"}`
	}
	invalid := func(name, method, path, body string, faults ...string) exchange {
		return exchange{
			name: name, method: method, path: path, headers: asJSON, body: body, status: 422,
			want: `{"detail":[` + strings.Join(faults, ",") + `]}`,
		}
	}
	const item = "/items/019a84af-5607-7d02-99d1-f4b44f7858ea"
	badUUID := fault("uuid_parsing", `"path","id"`, "Input should be a valid UUID")
	badQuery := fault("query_parsing", `"query"`, "The query string is malformed")
	run(t, s, []exchange{
		invalid("no title", http.MethodPost, "/items/", `{}`, fault("missing", `"body","title"`, "Field required")),
		invalid("empty title", http.MethodPost, "/items/", `{"title":""}`,
			fault("string_too_short", `"body","title"`, "String should have at least 1 character")),
		invalid("every fault at once", http.MethodPost, "/items/", `{"title":1,"description":"`+strings.Repeat("x", 2001)+`"}`,
			fault("string_type", `"body","title"`, "Input should be a valid string"),
			fault("string_too_long", `"body","description"`, "String should have at most 2000 characters")),
		invalid("no body", http.MethodPost, "/items/", ``, fault("missing", `"body"`, "Field required")),
		invalid("no JSON", http.MethodPost, "/items/", `{`, fault("json_invalid", `"body"`, "JSON decode error")),
		invalid("a list", http.MethodPost, "/items/", `[]`, fault("model_attributes_type", `"body"`, "Input should be a valid JSON object")),
		invalid("title null", http.MethodPatch, item, `{"title":null}`, fault("string_type", `"body","title"`, "Input should be a valid string")),
		invalid("title too long", http.MethodPatch, item, `{"title":"`+strings.Repeat("é", 201)+`"}`,
			fault("string_too_long", `"body","title"`, "String should have at most 200 characters")),
		invalid("no UUID", http.MethodGet, "/items/1", ``, badUUID),
		invalid("no UUID to change", http.MethodPatch, "/items/1", `{}`, badUUID),
		invalid("no UUID to delete", http.MethodDelete, "/items/%00", ``, badUUID),
		invalid("UUID in braces", http.MethodGet, "/items/%7B019a84af-5607-7d02-99d1-f4b44f7858ea%7D", ``, badUUID),
		invalid("limit too small", http.MethodGet, "/items/?limit=0", ``,
			fault("greater_than_equal", `"query","limit"`, "Input should be greater than or equal to 1")),
		invalid("limit too large", http.MethodGet, "/items/?limit=101", ``,
			fault("less_than_equal", `"query","limit"`, "Input should be less than or equal to 100")),
		invalid("limit no number", http.MethodGet, "/items/?limit=ten", ``,
			fault("int_parsing", `"query","limit"`, "Input should be a valid integer, unable to parse string as an integer")),
		invalid("unknown cursor", http.MethodGet, "/items/?cursor=AAAA", ``,
			fault("value_error", `"query","cursor"`, "Value error, not a cursor of this list")),
		invalid("every fault of the query", http.MethodGet, "/items/?limit=0&cursor=zz", ``,
			fault("greater_than_equal", `"query","limit"`, "Input should be greater than or equal to 1"),
			fault("value_error", `"query","cursor"`, "Value error, not a cursor of this list")),
		invalid("no query", http.MethodGet, "/items/?limit=%zz", ``, badQuery),
		invalid("semicolons", http.MethodGet, "/items/?limit=5;cursor=x", ``, badQuery),
		invalid("every fault of path and body", http.MethodPatch, "/items/x", `{"title":7}`,
			badUUID, fault("string_type", `"body","title"`, "Input should be a valid string")),
		{
			name: "no UUID and over 1 MiB", method: http.MethodPatch, path: "/items/x", headers: asJSON,
			body:   `{"title":"` + strings.Repeat("x", 1<<20) + `"}`,
			status: 413, want: `{"detail":"Request body too large"}`,
		},
		{
			name: "over 1 MiB", path: "/items/", headers: asJSON, body: `{"title":"` + strings.Repeat("x", 1<<20) + `"}`,
			status: 413, want: `{"detail":"Request body too large"}`,
		},
	})
}

func TestItemWithALongTitleOfManyBytes(t *testing.T) {
	t.Run("sqlite", testItemWithALongTitleOfManyBytes)
	t.Run("postgres", testItemWithALongTitleOfManyBytes)
}

func testItemWithALongTitleOfManyBytes(t *testing.T) {
	s := apitest.Start(t)
	got := s.JSON(http.MethodPost, "/items/", s.LogIn("johndoe", "secret"), `{"title":"`+strings.Repeat("é", 200)+`"}`)
	if got.Status != http.StatusCreated {
		t.Errorf("200 characters of two bytes: %d %s", got.Status, got.Body)
	}
}
