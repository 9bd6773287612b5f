package main_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/alecthomas/kong"

	"latchkey/internal/config"
)

// TestReadmeCommands runs the README's console blocks one after the other in
// one shell, against the built program, and compares what each command prints.
// An ellipsis in the README stands for anything.
func TestReadmeCommands(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the README's commands need %s", tool)
		}
	}
	folder := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, "latchkey"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	url := startProgram(t, folder)

	var script strings.Builder
	steps := consoleSteps(t)
	for _, s := range steps {
		script.WriteString(strings.ReplaceAll(s.command, "http://127.0.0.1:8000", url) + "\necho '" + mark + "'\n")
	}
	shell := exec.CommandContext(t.Context(), "bash", "-s")
	shell.Dir, shell.Stdin = folder, strings.NewReader(script.String())
	shell.Env = append(os.Environ(), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	outputs := strings.Split(string(out), mark)
	if len(outputs) != len(steps)+1 {
		t.Fatalf("%d commands, %d outputs:\n%s", len(steps), len(outputs)-1, out)
	}
	for i, s := range steps {
		if got := strings.TrimSpace(outputs[i]); !s.prints(got) {
			t.Errorf("$ %s\nprints\n%s\nbut the README says\n%s", s.command, got, s.output)
		}
	}
}

const mark = "--- end of output ---"

// startProgram runs the built program until the test ends.
func startProgram(t *testing.T, folder string) (url string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	program := exec.CommandContext(ctx, filepath.Join(folder, "latchkey"), "--addr=127.0.0.1:0")
	program.Dir = folder
	program.Cancel = func() error { return program.Process.Signal(syscall.SIGTERM) }
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	program.Stderr = &stderr
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := program.Wait(); err != nil && program.ProcessState.ExitCode() != 0 {
			t.Errorf("the program ended with %v\n%s", err, stderr.String())
		}
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), "listens on "); ok {
			return "http://" + address
		}
	}
	t.Fatal("the program does not say where it listens")
	return ""
}

// step is a command of a console block and what it prints.
type step struct{ command, output string }

func (s step) prints(got string) bool {
	parts := strings.Split(strings.TrimSpace(s.output), "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`^(?s:` + strings.Join(parts, ".*") + `)$`).MatchString(got)
}

func consoleSteps(t *testing.T) (steps []step) {
	t.Helper()
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		for line := range strings.Lines(block[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				steps = append(steps, step{command: strings.TrimSpace(command)})
				continue
			}
			steps[len(steps)-1].output += line
		}
	}
	if len(steps) == 0 {
		t.Fatal("the README has no console block")
	}
	return steps
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeSettings compares the README's table with the flags, both ways.
func TestReadmeSettings(t *testing.T) {
	parser, err := kong.New(&config.Serve{})
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]*kong.Flag{}
	for _, flag := range parser.Model.Flags {
		if len(flag.Envs) > 0 {
			flags[flag.Envs[0]] = flag
		}
	}
	row := regexp.MustCompile("(?m)^\\| `(LATCHKEY_[A-Z0-9_]+)` \\| `(--[a-z0-9-]+)` \\| (.*?) \\|")
	for _, cells := range row.FindAllStringSubmatch(readme(t), -1) {
		flag := flags[cells[1]]
		if flag == nil {
			t.Errorf("the README has %s, the program does not", cells[1])
			continue
		}
		delete(flags, cells[1])
		if cells[2] != "--"+flag.Name {
			t.Errorf("%s is the flag --%s, the README has %s", cells[1], flag.Name, cells[2])
		}
		if flag.Default != "" && !strings.Contains(cells[3], "`"+flag.Default+"`") {
			t.Errorf("%s is %s by default, the README has %s", cells[1], flag.Default, cells[3])
		}
	}
	for name := range flags {
		t.Errorf("the program has %s, the README does not", name)
	}
}
