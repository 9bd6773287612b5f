package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMemberOrders(t *testing.T) {
	folder := t.TempDir()
	source := "package models\n\n" +
		"type Form struct {\n\tUser string `form:\"username\"`\n\tPass string `form:\"password\"`\n\tID string `form:\"id\"`\n}\n\n" +
		"type Small struct {\n\tZ int `json:\"zebra,omitempty\"`\n\tID int `json:\"id\"`\n\thidden int\n\tSecret string `json:\"-\"`\n}\n"
	if err := os.WriteFile(filepath.Join(folder, "models.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	orders, err := memberOrders(folder)
	if err != nil {
		t.Fatal(err)
	}
	for names, want := range map[string]string{
		"id zebra":             "zebra id",
		"id":                   "zebra id",
		"id password username": "username password id",
		"elephant":             "",
	} {
		if got := strings.Join(orders.of(strings.Fields(names)), " "); got != want {
			t.Errorf("order of %s: %s, want %s", names, got, want)
		}
	}
}

func TestMemberOrdersRefusesWhatIsNoGo(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "models.go"), []byte("no go"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := memberOrders(folder); err == nil {
		t.Error("no error")
	}
}

func TestArranged(t *testing.T) {
	doc := load(t, `{"paths": {
			"/a": {"get": {"tags": ["second"], "responses": {}}},
			"/b": {"delete": {"tags": ["first"], "responses": {}}, "get": {"responses": {"200": {"description": "OK", "content": {
				"application/json": {"example": {"name": "key", "id": 1}}}}}, "summary": "S", "tags": ["first"], "operationId": "o"}}},
		"tags": [{"name": "first"}, {"name": "second"}],
		"info": {"version": "1", "title": "T"},
		"components": {"schemas": {"Thing": {"properties": {
			"name": {"example": {"title": 1, "id": 2, "in": 3}, "type": "string"}, "id": {"type": "integer"}}, "type": "object"}}},
		"openapi": "3.0.3"}`)
	tree, err := arranged(doc, memberOrder{{"id", "name"}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := toJSON(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"openapi":"3.0.3","info":{"title":"T","version":"1"},"tags":[{"name":"first"},{"name":"second"}],"paths":{` +
		`"/b":{"get":{"tags":["first"],"operationId":"o","summary":"S","responses":{"200":{"description":"OK",` +
		`"content":{"application/json":{"example":{"id":1,"name":"key"}}}}}},"delete":{"tags":["first"],"responses":{}}},` +
		`"/a":{"get":{"tags":["second"],"responses":{}}}},"components":{"schemas":{"Thing":{"type":"object",` +
		`"properties":{"id":{"type":"integer"},"name":{"type":"string","example":{"id":2,"in":3,"title":1}}}}}}}`
	if got := dense(text); got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
}

// dense is indented JSON without the space between its parts.
func dense(text []byte) string {
	lines := slices.Collect(strings.Lines(string(text)))
	for i, line := range lines {
		lines[i] = strings.Replace(strings.TrimSpace(line), `": `, `":`, 1)
	}
	return strings.Join(lines, "")
}
