package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
)

// keptExample is where the example of a parameter outlasts the conversion.
const keptExample = "x-example"

// convert reads Swagger 2.0, gives its definitions readable names and makes
// OpenAPI 3.0 of it.
func convert(swagger []byte) (*openapi3.T, error) {
	text := strings.ReplaceAll(string(swagger), `"#/definitions/models.`, `"#/definitions/`)
	var v2 openapi2.T
	if err := json.Unmarshal([]byte(text), &v2); err != nil {
		return nil, fmt.Errorf("swagger.json: %w", err)
	}
	if err := nameDefinitions(&v2); err != nil {
		return nil, err
	}
	keepExamples(&v2)
	v3, err := openapi2conv.ToV3(&v2)
	if err != nil {
		return nil, fmt.Errorf("convert to OpenAPI 3.0: %w", err)
	}
	return v3, nil
}

var readable = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// nameDefinitions takes the package's name off the names of the definitions.
// What is then no plain word is an instance of a generic type without a name.
func nameDefinitions(doc *openapi2.T) error {
	named := map[string]*openapi2.SchemaRef{}
	for name, definition := range doc.Definitions {
		short := strings.TrimPrefix(name, "models.")
		if !readable.MatchString(short) {
			return fmt.Errorf("the schema %s needs a readable name: declare an alias, as in type ItemPage = Page[Item], and annotate with that", name)
		}
		named[short] = definition
	}
	doc.Definitions = named
	return nil
}

// keepExamples saves the examples of parameters, which swag writes though
// Swagger 2.0 knows none: openapi2conv carries over only what starts with x-.
func keepExamples(doc *openapi2.T) {
	for _, item := range doc.Paths {
		for _, operation := range item.Operations() {
			for _, parameter := range operation.Parameters {
				if example, ok := parameter.Extensions["example"]; ok {
					parameter.Extensions[keptExample] = example
				}
			}
		}
	}
}
