package main

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// describeService sets what is the same for every Latchkey. The server is
// named relative to the document, so that the document is right behind any
// proxy; swag leaves an empty contact.
func describeService(doc *openapi3.T) error {
	doc.OpenAPI = "3.1.0"
	doc.Servers = openapi3.Servers{{URL: ".", Description: "Where this document comes from"}}
	doc.Info.Contact = nil
	if license := doc.Info.License; license != nil {
		license.Identifier = license.Name
	}
	return nil
}

// dropTrailingSlashes names each path in one of its two forms: the service
// answers both, and an OpenAPI path ends without a slash.
func dropTrailingSlashes(doc *openapi3.T) error {
	for path, item := range doc.Paths.Map() {
		bare := strings.TrimSuffix(path, "/")
		if bare == path || bare == "" {
			continue
		}
		doc.Paths.Delete(path)
		doc.Paths.Set(bare, item)
	}
	return nil
}
