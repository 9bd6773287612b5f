// Latchkey gives an API its login. Run it without arguments and open /docs.
package main

import (
	"context"
	"os"

	"latchkey/internal/cli"
)

func main() {
	streams := cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	os.Exit(cli.Run(context.Background(), os.Args[1:], streams))
}
