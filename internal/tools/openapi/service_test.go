package main

import "testing"

func TestDescribeService(t *testing.T) {
	doc := load(t, `{"openapi": "3.0.3", "paths": {},
		"info": {"title": "T", "version": "1", "contact": {}, "license": {"name": "MIT"}}}`)
	apply(t, doc, describeService)
	expect(t, doc,
		"openapi", `"3.1.0"`,
		"info", `{"license":{"identifier":"MIT","name":"MIT"},"title":"T","version":"1"}`,
		"servers", `[{"description":"Where this document comes from","url":"."}]`)
}

func TestDropTrailingSlashes(t *testing.T) {
	doc := load(t, `{"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
		"paths": {"/": {"summary": "root"}, "/things/": {"summary": "things"}, "/things/{id}": {"summary": "thing"}}}`)
	apply(t, doc, dropTrailingSlashes)
	expect(t, doc, "paths", `{"/":{"summary":"root"},"/things":{"summary":"things"},"/things/{id}":{"summary":"thing"}}`)
}
