package service_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/service"
)

func TestServe(t *testing.T) {
	database := newDatabase(t)
	s := started(t, database)
	stop := serve(t, s)
	if s.URL() != "http://"+s.Addr().String() {
		t.Errorf("%s, but listening on %s", s.URL(), s.Addr())
	}
	if status := logIn(t, s, "johndoe", "secret"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	wantClosed(t, database)
	if _, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Addr().String()); err == nil {
		t.Error("it still listens")
	}
}

// A client connects before Serve is called: nothing is lost at a start.
func TestListensOnceStarted(t *testing.T) {
	s := started(t, newDatabase(t))
	conn := dial(t, s)
	fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	stop := serve(t, s)
	wantStatus(t, conn, http.StatusOK)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// deadline is longer than anything here takes.
const deadline = 20 * time.Second

func dial(t *testing.T, s *service.Service) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func wantStatus(t *testing.T, conn io.Reader, status int) {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		t.Errorf("status %d, want %d: %s, %v", resp.StatusCode, status, body, err)
	}
}

func TestRequestsUnderWayFinish(t *testing.T) {
	s := started(t, newDatabase(t))
	stop := serve(t, s)
	const body = "username=johndoe&password=secret"
	conn := dial(t, s)
	fmt.Fprintf(conn, "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	wantStatus(t, io.LimitReader(conn, int64(len("HTTP/1.1 100 Continue\r\n\r\n"))), http.StatusContinue) // the handler waits for the body

	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	waitRefused(t, s)
	select {
	case err := <-stopped:
		t.Fatalf("it did not wait for the request: %v", err)
	default:
	}
	fmt.Fprint(conn, body)
	wantStatus(t, conn, http.StatusOK)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// waitRefused waits until new connections are refused.
func waitRefused(t *testing.T, s *service.Service) {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Addr().String())
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	t.Fatal("new connections are still taken")
}

func TestStartFails(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	folder := t.TempDir()
	garbage := filepath.Join(folder, "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("This is neither a key nor a database. ", 300)), 0o600); err != nil {
		t.Fatal(err)
	}
	absent := filepath.Join(folder, "absent", "file")
	tests := []struct {
		name  string
		flags []string
		words []string
	}{
		{"port taken", []string{"--addr=" + taken.Addr().String()}, []string{"address already in use", "--addr", taken.Addr().String()}},
		{"no such address", []string{"--addr=192.0.2.1:0"}, []string{"192.0.2.1", "--addr"}},
		{"key file is garbage", []string{"--key-file=" + garbage}, []string{garbage}},
		{"key file is a folder", []string{"--key-file=" + folder}, []string{folder}},
		{"key file cannot be made", []string{"--key-file=" + absent}, []string{absent}},
		{"database is garbage", []string{"--database-url=sqlite:" + garbage}, []string{"not a database", garbage}},
		{"database is a folder", []string{"--database-url=sqlite:" + folder}, []string{"is a directory", folder}},
		{"database cannot be made", []string{"--database-url=sqlite:" + absent}, []string{"no such file", absent}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			database := newDatabase(t)
			s, err := start(t, database, new(apitest.Buffer), append(tt.flags, "--demo=off")...)
			wantError(t, s, err, tt.words...)
			wantClosed(t, database)
		})
	}
}

// What fails after listening gives the port back.
func TestStartFailsAndStopsListening(t *testing.T) {
	addr := started(t, newDatabase(t))
	free := addr.Addr().String()
	if err := addr.Close(); err != nil {
		t.Fatal(err)
	}
	database := newDatabase(t)
	s, err := start(t, database, new(apitest.Buffer), "--addr="+free, "--key-file="+t.TempDir())
	wantError(t, s, err, "is a directory")
	started(t, database, "--addr="+free)
}

func TestStopWhileStarting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	database := newDatabase(t)
	settings := apitest.Settings(t, "--addr=127.0.0.1:0", "--database-url=sqlite:"+database)
	s, err := service.Start(ctx, settings, slog.New(slog.DiscardHandler), time.Now)
	wantError(t, s, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	wantClosed(t, database)
}

func TestExposedKeyFile(t *testing.T) {
	database := newDatabase(t)
	key := filepath.Join(filepath.Dir(database), "latchkey.key.pem")
	var log apitest.Buffer
	for _, mode := range []os.FileMode{0o600, 0o640} {
		s, err := start(t, database, &log)
		if err != nil {
			t.Fatal(err)
		}
		if warned := strings.Contains(log.String(), "chmod 600"); warned != (mode == 0o640) {
			t.Errorf("mode %o: the log has %q", mode, log.String())
		}
		if err := errors.Join(s.Close(), os.Chmod(key, 0o640)); err != nil {
			t.Fatal(err)
		}
	}
}
