package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
)

func main() {
	b, _ := os.ReadFile("/tmp/swagout/swagger.json")
	var d openapi2.T
	if err := json.Unmarshal(b, &d); err != nil {
		panic(err)
	}
	v3, err := openapi2conv.ToV3(&d)
	if err != nil {
		panic(err)
	}
	v3.OpenAPI = "3.1.1"
	out, _ := json.MarshalIndent(v3, "", " ")
	fmt.Println(string(out))
	fmt.Fprintln(os.Stderr, v3.Validate(context.Background()))
}
