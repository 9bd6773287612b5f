package bench

import (
	"context"
	"fmt"
	"os"
	"testing"

	"latchkey/internal/tools/drive"
)

// bareVariable tells this program to be the server that the service is compared with.
const bareVariable = "LATCHKEY_BENCH_BARE"

// TestMain is also the entry of the other server: the program runs itself as a child.
func TestMain(m *testing.M) {
	if os.Getenv(bareVariable) != "" {
		fmt.Fprintln(os.Stderr, drive.ServeBare(context.Background(), os.Stdout))
		os.Exit(1)
	}
	code := m.Run()
	_ = os.Remove(binary) // if it was built
	os.Exit(code)
}
