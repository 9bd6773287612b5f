package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"latchkey/internal/tools/drive"
)

// TestMain is also the entry of the bare server: the program runs itself as a child.
func TestMain(m *testing.M) {
	if os.Getenv(bareVariable) != "" {
		fmt.Fprintln(os.Stderr, drive.ServeBare(context.Background(), os.Stdout))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestLoad runs the whole program for a moment. How fast it was is not asked.
func TestLoad(t *testing.T) {
	report := runFor(t, "load.md", "-time=20ms", "-connections=2", "-engines=sqlite")
	for _, s := range scenarios() {
		figures := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(s.title) + ` \|( [0-9.,]+( µs| ms| s| MiB)? \|){9}$`)
		if !figures.MatchString(report) {
			t.Errorf("no figures of %q in\n%s", s.title, report)
		}
	}
	host, err := os.Hostname()
	if err != nil || strings.Contains(report, host) || strings.Contains(report, "latchkey-load-") {
		t.Errorf("the report says where it was made (%v)", err)
	}
}

func TestGrowth(t *testing.T) {
	report := runFor(t, "growth.md", "-growth", "-time=20ms", "-connections=2", "-engines=sqlite", "-users=100,300")
	if lines := regexp.MustCompile(`(?m)^\| [^|]+ \| [0-9.,]+ \| [0-9.,]+ \| ([0-9.]+|–) \|`).FindAllString(report, -1); len(lines) != 9 {
		t.Errorf("%d lines with figures in\n%s", len(lines), report)
	}
}

func TestFlags(t *testing.T) {
	for _, args := range []string{"", "-out=x -users=1000", "-out=x -users=1000,many", "-out=x -users=1,1000", "-out=x -time=0s", "-out=x -connections=65", "-nonsense"} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

// runFor runs the program, and returns that report.
func runFor(t *testing.T, name string, args ...string) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("what a process takes is read from Linux's /proc")
	}
	out := t.TempDir()
	if err := run(t.Context(), append(args, "-out="+out), io.Discard); err != nil {
		t.Fatal(err)
	}
	report, err := os.ReadFile(filepath.Join(out, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(report)
}
