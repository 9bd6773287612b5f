package cli

import (
	"fmt"
	"runtime/debug"

	"latchkey/docs"
)

type openapiCommand struct {
	Format string `enum:"json,yaml" default:"json" help:"json or yaml (${default})."`
}

// Run prints the document.
func (cmd openapiCommand) Run(streams Streams) error {
	text := docs.JSON
	if cmd.Format == "yaml" {
		text = docs.YAML
	}
	_, err := streams.Out.Write(text)
	return err
}

type versionCommand struct{}

// Run prints the version that the program was built as.
func (versionCommand) Run(streams Streams) error {
	version, revision := "(unknown)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				revision = " " + setting.Value
			}
		}
	}
	_, err := fmt.Fprintf(streams.Out, "latchkey %s%s\n", version, revision)
	return err
}
