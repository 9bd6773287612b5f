package docs

import _ "embed"

//go:embed openapi.json
var JSON []byte

//go:embed openapi.yaml
var YAML []byte
