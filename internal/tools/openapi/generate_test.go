package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	yaml "github.com/oasdiff/yaml3"
)

const swagger = `{"swagger": "2.0", "info": {"title": "T", "version": "1", "license": {"name": "MIT"}, "description": "<b> & \u00a7 \"x\"\nand on"},
	"tags": [{"name": "things"}],
	"paths": {"/things/": {"get": {"tags": ["things"], "operationId": "listThings", "summary": "List",
		"security": [{"OAuth2PasswordBearer": ["items:read"]}],
		"responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/models.Thing"}}}}}},
	"definitions": {
		"models.Thing": {"type": "object", "required": ["when", "on"], "properties": {
			"when": {"type": "string", "format": "date-time", "example": "2026-01-02T15:04:05Z"},
			"on": {"type": "boolean", "x-nullable": true, "example": true},
			"count": {"type": "integer", "example": 3}}},
		"models.ErrorAnswer": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}},
	"securityDefinitions": {"OAuth2PasswordBearer": {"type": "oauth2", "flow": "password", "tokenUrl": "token"}}}`

func generated(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := generate([]byte(swagger), nil)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestGenerateMakesTheSameBytes(t *testing.T) {
	first := generated(t)
	for range 5 {
		for name, content := range generated(t) {
			if !bytes.Equal(content, first[name]) {
				t.Errorf("%s differs from one run to the next", name)
			}
		}
	}
}

func TestGenerateSaysTheSameInJSONAndYAML(t *testing.T) {
	files := generated(t)
	var fromJSON, fromYAML any
	if err := json.Unmarshal(files["openapi.json"], &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(files["openapi.yaml"], &fromYAML); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	var back any
	if err := json.Unmarshal(again, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fromJSON, back) {
		t.Errorf("JSON\n%v\nYAML\n%v", fromJSON, back)
	}
	if text := string(files["openapi.json"]); !strings.Contains(text, `<b> & §`) {
		t.Error("the JSON escapes what need not be escaped")
	}
}

func TestGenerateRefusesAnInvalidDocument(t *testing.T) {
	_, err := generate([]byte(strings.Replace(swagger, `"example": 3`, `"example": "three"`, 1)), nil)
	expectError(t, err, "the document is invalid")
}

func TestRunWritesTheFiles(t *testing.T) {
	docs := t.TempDir()
	if err := os.WriteFile(filepath.Join(docs, "swagger.json"), []byte(swagger), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{docs, t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	for name, want := range generated(t) {
		got, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what was generated: %v", name, err)
		}
	}
}

func TestRunSaysHowItIsUsedAndWhatIsMissing(t *testing.T) {
	expectError(t, run(nil), "usage: openapi")
	expectError(t, run([]string{t.TempDir(), t.TempDir()}), "swagger.json")
}
