package main

import (
	"iter"
	"slices"

	yaml "github.com/oasdiff/yaml3"
)

// members are the names and values of a mapping node.
func members(node *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(*yaml.Node, *yaml.Node) bool) {
		for pair := range slices.Chunk(node.Content, 2) {
			if !yield(pair[0], pair[1]) {
				return
			}
		}
	}
}

func sortMembers(node *yaml.Node, compare func(x, y member) int) {
	var sorted []member
	for name, value := range members(node) {
		sorted = append(sorted, member{name, value})
	}
	slices.SortStableFunc(sorted, compare)
	node.Content = node.Content[:0]
	for _, m := range sorted {
		node.Content = append(node.Content, m.name, m.value)
	}
}

func names(node *yaml.Node) []string {
	var names []string
	for name := range members(node) {
		names = append(names, name.Value)
	}
	return names
}

// find is the value of a mapping's member, nil if there is none.
func find(node *yaml.Node, key string) *yaml.Node {
	for name, value := range members(node) {
		if name.Value == key {
			return value
		}
	}
	return nil
}

// firstTag is the first tag of the first operation of a path.
func firstTag(path *yaml.Node) string {
	for _, operation := range members(path) {
		if tags := find(operation, "tags"); tags != nil && len(tags.Content) > 0 {
			return tags.Content[0].Value
		}
	}
	return ""
}
