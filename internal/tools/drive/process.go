package drive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is a server that runs as a child, so that its memory and its time on the processor are its own.
type Process struct {
	Addr    string
	command *exec.Cmd
}

// address is what a server prints once it listens.
var address = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)

// Build builds the service as it is for use.
func Build(ctx context.Context, binary string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "latchkey") //nolint:gosec // the binary is where the caller wants it
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
}

// Start runs a server in that folder until Stop. Its log goes to a file there.
func Start(command *exec.Cmd, folder string) (*Process, error) {
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the server has its own
	command.Dir, command.Stderr = folder, log
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &Process{command: command}
	lines := bufio.NewReader(output)
	for p.Addr == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			p.Stop()
			return nil, errors.New("the server did not start; see " + log.Name())
		}
		p.Addr = address.FindString(line)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return p, nil
}

// Stop ends the server. It may be called twice.
func (p *Process) Stop() {
	if p.command.ProcessState == nil {
		_ = p.command.Process.Signal(syscall.SIGTERM)
		_ = p.command.Wait()
	}
}

// CPU is the time on the processor that the server has had so far.
func (p *Process) CPU() (time.Duration, error) {
	stat, err := os.ReadFile(p.proc("stat"))
	if err != nil {
		return 0, err
	}
	_, fields, _ := strings.Cut(string(stat), ") ") // the name before it may have spaces
	columns := strings.Fields(fields)
	const utime, stime, tick = 11, 12, 10 * time.Millisecond // proc(5), less the two columns cut off
	return time.Duration(number(columns[utime])+number(columns[stime])) * tick, nil
}

// Memory is a size that /proc knows of the server, in MiB: VmRSS is what it has now, VmHWM the most it ever had, or
// has had since ForgetPeak.
func (p *Process) Memory(name string) (float64, error) {
	status, err := os.ReadFile(p.proc("status"))
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(status) {
		if key, value, _ := strings.Cut(string(line), ":"); key == name {
			return float64(number(strings.TrimSuffix(strings.TrimSpace(value), " kB"))) / 1024, nil
		}
	}
	return 0, errors.New("/proc does not tell " + name)
}

// ForgetPeak has VmHWM begin anew.
func (p *Process) ForgetPeak() error {
	const resetPeak = "5" // proc(5), clear_refs
	return os.WriteFile(p.proc("clear_refs"), []byte(resetPeak), 0)
}

func (p *Process) proc(file string) string {
	return fmt.Sprintf("/proc/%d/%s", p.command.Process.Pid, file)
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
