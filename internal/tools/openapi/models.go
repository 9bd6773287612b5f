package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// memberOrder has the members of every struct of the models, as they are named
// on the wire and in the order in which they are declared. swag sorts them by
// the alphabet, and people do not.
type memberOrder [][]string

// of is the order of the smallest struct that has all of the names, nil if
// none has.
func (o memberOrder) of(names []string) []string {
	for _, members := range o {
		missing := func(name string) bool { return !slices.Contains(members, name) }
		if !slices.ContainsFunc(names, missing) {
			return members
		}
	}
	return nil
}

// memberOrders reads the structs of a folder's Go files.
func memberOrders(folder string) (memberOrder, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	var orders memberOrder
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(tree, func(node ast.Node) bool {
			if structure, ok := node.(*ast.StructType); ok {
				orders = append(orders, wireNames(structure))
			}
			return true
		})
	}
	slices.SortStableFunc(orders, func(x, y []string) int { return cmp.Compare(len(x), len(y)) })
	return orders, nil
}

// wireNames are the names in the json or form tags of a struct.
func wireNames(structure *ast.StructType) []string {
	var names []string
	for _, field := range structure.Fields.List {
		if field.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
		name, _, _ := strings.Cut(cmp.Or(tag.Get("json"), tag.Get("form")), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}
