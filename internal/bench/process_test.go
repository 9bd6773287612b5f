package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"latchkey/internal/tools/drive"
)

// process is a server that runs as a child.
type process struct{ *drive.Process }

// binary is where build leaves the service until the end of the program.
var binary = filepath.Join(os.TempDir(), fmt.Sprintf("latchkey-bench-%d", os.Getpid()))

// build builds the service as it is for use, once.
var build = sync.OnceValue(func() error { return drive.Build(context.Background(), binary) })

// startLatchkey runs the service with its defaults in that folder. Its access log goes to a file there.
func startLatchkey(b *testing.B, folder string) process {
	b.Helper()
	if err := build(); err != nil {
		b.Fatal(err)
	}
	return start(b, exec.Command(binary, "--addr=127.0.0.1:0"), folder)
}

// start runs a server until the benchmark ends, or Stop.
func start(b *testing.B, command *exec.Cmd, folder string) process {
	b.Helper()
	p, err := drive.Start(command, folder)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Stop)
	return process{p}
}

// cpu is the time on the processor that the server has had so far.
func (p process) cpu(b *testing.B) time.Duration {
	b.Helper()
	cpu, err := p.CPU()
	told(b, err)
	return cpu
}

// memory is a size that /proc knows of the server, in MiB: VmRSS is what it has now, VmHWM the most it ever had.
func (p process) memory(b *testing.B, name string) float64 {
	b.Helper()
	memory, err := p.Memory(name)
	told(b, err)
	return memory
}

func told(b *testing.B, err error) {
	b.Helper()
	if errors.Is(err, os.ErrNotExist) {
		b.Skip("what a process takes is read from Linux's /proc")
	}
	if err != nil {
		b.Fatal(err)
	}
}
