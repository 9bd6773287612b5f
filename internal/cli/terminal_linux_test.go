package cli_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"latchkey/internal/apitest"
	"latchkey/internal/cli"
)

// terminal is a pseudo-terminal: what is written to keyboard is typed, and
// screen has what it showed.
type terminal struct {
	tty      *os.File
	keyboard *os.File
	screen   *apitest.Buffer
}

func openTerminal(t *testing.T) terminal {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("this system has no pseudo-terminals:", err)
	}
	number, err := unlock(keyboard)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := terminal{tty, keyboard, new(apitest.Buffer)}
	go func() { _, _ = io.Copy(term.screen, keyboard) }()
	t.Cleanup(func() {
		_ = keyboard.Close() // hangs up
		_ = tty.Close()
	})
	return term
}

// unlock lets the terminal's other end be opened, and returns its number. It
// leaves the file to Go's poller, so that closing it ends a read.
func unlock(keyboard *os.File) (number int, err error) {
	conn, err := keyboard.SyscallConn()
	if err != nil {
		return 0, err
	}
	var unlockErr, numberErr error
	err = conn.Control(func(fd uintptr) {
		unlockErr = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		number, numberErr = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
	})
	return number, errors.Join(err, unlockErr, numberErr)
}

// echoes reports whether the terminal shows what is typed.
func (term terminal) echoes(t *testing.T) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(term.tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// waitText waits until the terminal shows that text.
func (term terminal) waitText(t *testing.T, text string) {
	t.Helper()
	for end := time.Now().Add(deadline); !strings.Contains(term.screen.String(), text); {
		if time.Now().After(end) {
			t.Fatalf("no %q in %q", text, term.screen)
		}
	}
}

// waitQuestion waits until the question was put and the terminal hides the answer.
func (term terminal) waitQuestion(t *testing.T, question string) {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		if strings.HasSuffix(term.screen.String(), question) && !term.echoes(t) {
			return
		}
	}
	t.Fatalf("it does not ask %q but shows %q", question, term.screen)
}

func TestPasswordAtATerminal(t *testing.T) {
	s := newShell(t)
	t.Setenv("LATCHKEY_DATABASE_URL", "sqlite:"+s.database)
	s.must(t, "", "migrate")
	const one, two = "Password: ", "Again: "
	tests := []struct {
		name    string
		typed   [][2]string // a question and the answer
		code    int
		message string
	}{
		{"twice", [][2]string{{one, "hunter2\n"}, {two, "hunter2\n"}}, 0, "Created twice."},
		{"different", [][2]string{{one, "hunter2\n"}, {two, "hunter3\n"}}, 1, "the two passwords differ"},
		{"empty", [][2]string{{one, "\n"}, {two, "\n"}}, 2, "1 to 1024 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			term := openTerminal(t)
			code := make(chan int, 1)
			go func() {
				streams := cli.Streams{In: term.tty, Out: term.tty, Err: term.tty}
				code <- cli.Run(t.Context(), []string{"user", "add", tt.name}, streams)
			}()
			for _, step := range tt.typed {
				term.waitQuestion(t, step[0])
				fmt.Fprint(term.keyboard, step[1])
			}
			if got := <-code; got != tt.code {
				t.Errorf("exit code %d, want %d", got, tt.code)
			}
			if !term.echoes(t) {
				t.Error("the terminal was left without echo")
			}
			term.waitText(t, tt.message)
			if strings.Contains(term.screen.String(), "hunter") {
				t.Errorf("it shows %q", term.screen)
			}
			if tt.code == 0 {
				s.wantPassword(t, tt.name, "hunter2")
			}
		})
	}
}

func TestInterruptAtATerminal(t *testing.T) {
	term := openTerminal(t)
	cmd := exec.CommandContext(t.Context(), program(t), "user", "add", "joe")
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = t.TempDir(), term.tty, term.tty, term.tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	term.waitQuestion(t, "Password: ")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	exit, ok := errors.AsType[*exec.ExitError](cmd.Wait())
	if !ok || exit.ExitCode() != 1 {
		t.Errorf("%v", exit)
	}
	if !term.echoes(t) {
		t.Error("the terminal was left without echo")
	}
}

func TestTextLogAtATerminal(t *testing.T) {
	term := openTerminal(t)
	cmd := exec.CommandContext(t.Context(), program(t), "--addr=127.0.0.1:0")
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), term.tty, term.tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	term.waitText(t, "Keys ")
	if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
		t.Error(err)
	}
	term.waitText(t, "msg=stopping")
}
