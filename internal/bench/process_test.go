package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a server that runs as a child, so that its memory and its time on the processor are its own.
type process struct {
	addr    string
	command *exec.Cmd
}

// address is what a server prints once it listens.
var address = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)

// binary is where build leaves the service until the end of the program.
var binary = filepath.Join(os.TempDir(), fmt.Sprintf("latchkey-bench-%d", os.Getpid()))

// build builds the service as it is for use, once.
var build = sync.OnceValue(func() error {
	output, err := exec.Command("go", "build", "-trimpath", "-o", binary, "latchkey").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
})

// startLatchkey runs the service with its defaults in that folder. Its access log goes to a file there.
func startLatchkey(b *testing.B, folder string) *process {
	b.Helper()
	if err := build(); err != nil {
		b.Fatal(err)
	}
	return start(b, exec.Command(binary, "--addr=127.0.0.1:0"), folder)
}

// start runs a server until the benchmark ends, or stop.
func start(b *testing.B, command *exec.Cmd, folder string) *process {
	b.Helper()
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	command.Dir, command.Stderr = folder, log
	output, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	p := &process{command: command}
	b.Cleanup(p.stop)
	lines := bufio.NewReader(output)
	for p.addr == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			b.Fatal("the server did not start; see ", log.Name())
		}
		p.addr = address.FindString(line)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return p
}

// stop ends the server. It may be called twice.
func (p *process) stop() {
	if p.command.ProcessState == nil {
		_ = p.command.Process.Signal(syscall.SIGTERM)
		_ = p.command.Wait()
	}
}

// cpu is the time on the processor that the server has had so far.
func (p *process) cpu(b *testing.B) time.Duration {
	b.Helper()
	stat := p.proc(b, "stat")
	_, fields, _ := strings.Cut(string(stat), ") ") // the name before it may have spaces
	columns := strings.Fields(fields)
	const utime, stime, tick = 11, 12, 10 * time.Millisecond // proc(5), less the two columns cut off
	return time.Duration(number(columns[utime])+number(columns[stime])) * tick
}

// memory is a size that /proc knows of the server, in MiB: VmRSS is what it has now, VmHWM the most it ever had.
func (p *process) memory(b *testing.B, name string) float64 {
	b.Helper()
	for line := range bytes.Lines(p.proc(b, "status")) {
		if key, value, _ := strings.Cut(string(line), ":"); key == name {
			return float64(number(strings.TrimSuffix(strings.TrimSpace(value), " kB"))) / 1024
		}
	}
	b.Fatal("/proc does not tell ", name)
	return 0
}

func (p *process) proc(b *testing.B, file string) []byte {
	b.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.command.Process.Pid, file))
	if errors.Is(err, os.ErrNotExist) {
		b.Skip("what a process takes is read from Linux's /proc")
	}
	if err != nil {
		b.Fatal(err)
	}
	return content
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
