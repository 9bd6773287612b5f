package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	yaml "github.com/oasdiff/yaml3"
)

// keyOrder is how the fixed members of OpenAPI's objects are read best. What
// is not here comes last, by the alphabet.
var keyOrder = strings.Fields(`
	openapi info servers tags
	get post put patch delete
	name in title operationId summary version description license identifier url
	security parameters requestBody
	type flows tokenUrl format enum default required
	items properties schema headers content
	responses paths components schemas securitySchemes`)

// namedThings are the members whose own members are names that somebody chose.
var namedThings = []string{
	"content", "examples", "headers", "paths", "properties", "responses", "schemas", "scopes", "securitySchemes",
}

// payloads are the members that hold what goes over the wire.
var payloads = []string{"default", "enum", "example", "value"}

// arranger puts the members of a document's objects into an order for people.
type arranger struct {
	tags    []string
	members memberOrder
}

// arranged is the document as a tree in which every object is in order. JSON
// is YAML, and a YAML tree keeps what a Go map forgets.
func arranged(doc *openapi3.T, members memberOrder) (*yaml.Node, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	a := arranger{members: members}
	for _, tag := range doc.Tags {
		a.tags = append(a.tags, tag.Name)
	}
	a.arrange(tree.Content[0], "")
	return &tree, nil
}

// arrange sorts the node's members and theirs; key is what holds the node.
func (a arranger) arrange(node *yaml.Node, key string) {
	node.Style = 0
	switch node.Kind {
	case yaml.SequenceNode:
		if key == "examples" { // a schema's: a list of payloads
			key = "example"
		}
		for _, element := range node.Content {
			a.arrange(element, key)
		}
	case yaml.MappingNode:
		sortMembers(node, a.compare(node, key))
		for name, value := range members(node) {
			a.arrange(value, innerKey(key, name.Value))
			name.Style = 0
		}
	}
}

// innerKey is the key of an object's member: names that somebody chose mean
// nothing, and payloads hold payloads.
func innerKey(key, name string) string {
	switch {
	case slices.Contains(payloads, key):
		return key
	case slices.Contains(namedThings, key):
		return ""
	default:
		return name
	}
}

// member is an object's member, as it is compared with another.
type member struct{ name, value *yaml.Node }

func (a arranger) compare(node *yaml.Node, key string) func(x, y member) int {
	switch {
	case key == "paths":
		return a.byTag
	case key == "properties" || slices.Contains(payloads, key):
		return byName(a.members.of(names(node)))
	case slices.Contains(namedThings, key):
		return byName(nil)
	default:
		return byName(keyOrder)
	}
}

// byName follows the order; what it does not name comes last, by the alphabet.
func byName(order []string) func(x, y member) int {
	rank := func(m member) int {
		if i := slices.Index(order, m.name.Value); i >= 0 {
			return i
		}
		return len(order)
	}
	return func(x, y member) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.name.Value, y.name.Value))
	}
}

// byTag follows the document's tags, and in each the alphabet.
func (a arranger) byTag(x, y member) int {
	return cmp.Or(
		cmp.Compare(slices.Index(a.tags, firstTag(x.value)), slices.Index(a.tags, firstTag(y.value))),
		cmp.Compare(x.name.Value, y.name.Value))
}
