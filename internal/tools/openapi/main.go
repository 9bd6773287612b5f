// Command openapi makes the OpenAPI document of what swag writes.
//
//	openapi <folder of swagger.json> <folder of the models>
//
// It converts swagger.json from Swagger 2.0 to OpenAPI 3.1, says what Swagger
// 2.0 or swag cannot, checks the result, and writes it beside swagger.json as
// openapi.json and openapi.yaml, with a docs.go that embeds both. The same
// input gives the same bytes.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: openapi <folder of swagger.json> <folder of the models>")
	}
	docs, err := os.OpenRoot(args[0])
	if err != nil {
		return err
	}
	swagger, err := docs.ReadFile("swagger.json")
	if err != nil {
		return err
	}
	members, err := memberOrders(args[1])
	if err != nil {
		return err
	}
	files, err := generate(swagger, members)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := docs.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	return docs.Close()
}

// generate makes the files, by their names.
func generate(swagger []byte, members memberOrder) (map[string][]byte, error) {
	doc, err := convert(swagger)
	if err != nil {
		return nil, err
	}
	for _, fix := range fixes {
		if err := fix(doc); err != nil {
			return nil, err
		}
	}
	tree, err := arranged(doc, members)
	if err != nil {
		return nil, err
	}
	asJSON, err := toJSON(tree)
	if err != nil {
		return nil, err
	}
	if err := check(asJSON); err != nil {
		return nil, err
	}
	asYAML, err := toYAML(tree)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"openapi.json": asJSON, "openapi.yaml": asYAML, "docs.go": []byte(docsGo)}, nil
}
