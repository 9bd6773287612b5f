//go:build linux

package deploy_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"debug/elf"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

// instruction is a line of the Dockerfile: RUN and what it runs.
type instruction struct{ name, rest string }

// dockerfile are the instructions of the two stages.
func dockerfile(t *testing.T) (build, final []instruction) {
	t.Helper()
	text := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(read(t, "Dockerfile"), "")
	stages := [][]instruction{}
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "FROM" {
			stages = append(stages, nil)
		}
		if name != "" {
			stages[len(stages)-1] = append(stages[len(stages)-1], instruction{name, strings.TrimSpace(rest)})
		}
	}
	if len(stages) != 2 || stages[1][0] != (instruction{"FROM", "scratch"}) {
		t.Fatalf("%q", stages)
	}
	return stages[0], stages[1]
}

// buildProgram runs the go build of the Dockerfile, and returns the program's path.
func buildProgram(t *testing.T, build []instruction) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "latchkey")
	for _, in := range build {
		if in.name != "RUN" || !strings.Contains(in.rest, "go build") {
			continue
		}
		command := regexp.MustCompile(`--mount=\S+`).ReplaceAllString(in.rest, "")
		sh := exec.CommandContext(t.Context(), "sh", "-c", replace(t, command, "/out/latchkey", program))
		sh.Dir = ".."
		sh.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false") // .dockerignore leaves .git out
		if out, err := sh.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", sh, err, out)
		}
		return program
	}
	t.Fatal("no go build")
	return ""
}

// TestDockerfile builds the program by the Dockerfile's command and runs it
// where there is nothing but what the image has.
func TestDockerfile(t *testing.T) {
	build, final := dockerfile(t)
	program := buildProgram(t, build)
	t.Run("static", func(t *testing.T) { testStatic(t, program) })
	t.Run("sqlite", func(t *testing.T) { testContainerOnSQLite(t, program, final) })
	t.Run("postgres", func(t *testing.T) { testContainerOnPostgres(t, program, final) })
}

// testStatic has the program need nothing of the system.
func testStatic(t *testing.T, path string) {
	t.Helper()
	program, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Close() }()
	for _, p := range program.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("it is not static: it has a %s", p.Type)
		}
	}
}

// container is what the final stage makes, without Docker: a root with its
// files and no others, and its user, folder and environment. There is neither
// /dev nor /proc, which Docker would add.
type container struct {
	t       *testing.T
	root    string
	user    uint32
	workdir string
	env     []string
	program string
}

func newContainer(t *testing.T, program string, final []instruction, certificates []byte) *container {
	t.Helper()
	apitest.Need(t, "root", os.Getuid() == 0)
	c := &container{t: t, root: t.TempDir()}
	for _, in := range final[1:] {
		switch in.name {
		case "COPY":
			c.copy(in.rest, program, certificates)
		case "USER":
			user, err := strconv.ParseUint(regexp.MustCompile(`^([1-9]\d*):\d+$`).ReplaceAllString(in.rest, "$1"), 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			c.user = uint32(user)
		case "WORKDIR":
			c.workdir = in.rest
		case "ENV":
			c.env = strings.Fields(in.rest)
		case "ENTRYPOINT":
			c.program = strings.Trim(in.rest, `[]"`)
		case "VOLUME", "EXPOSE":
		default:
			t.Fatalf("the test does not know %q", in)
		}
	}
	return c
}

// copy does what a COPY does: it knows the three that there are.
func (c *container) copy(what, program string, certificates []byte) {
	c.t.Helper()
	fields := strings.Fields(what)
	source, target := fields[len(fields)-2], filepath.Join(c.root, fields[len(fields)-1])
	err := os.MkdirAll(filepath.Dir(target), 0o755)
	switch {
	case err != nil:
	case source == "/out/latchkey":
		err = exec.CommandContext(c.t.Context(), "install", "-m", "0755", program, target).Run()
	case source == "/out/data":
		options := regexp.MustCompile(`--chown=(\d+):(\d+) --chmod=(\d+) `).FindStringSubmatch(what)
		if options == nil {
			c.t.Fatalf("whose is the folder, and who may look into it: COPY %s", what)
		}
		err = exec.CommandContext(c.t.Context(), "install", "-d", "-o", options[1], "-g", options[2], "-m", options[3], target).Run()
	case source == "/etc/ssl/certs/ca-certificates.crt":
		err = os.WriteFile(target, certificates, 0o644)
	default:
		c.t.Fatalf("the test does not know COPY %s", what)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// command is the program with those arguments in the container.
func (c *container) command(env []string, args ...string) *exec.Cmd {
	return &exec.Cmd{
		Path: c.program, Args: append([]string{c.program}, args...), Dir: c.workdir, Env: append(slices.Clip(c.env), env...),
		SysProcAttr: &syscall.SysProcAttr{Chroot: c.root, Credential: &syscall.Credential{Uid: c.user, Gid: c.user}},
	}
}

// serve runs the service until stop is called.
func (c *container) serve(env ...string) (url string, stop func()) {
	c.t.Helper()
	cmd := c.command(env, "--addr=0.0.0.0:0")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, port, ok := strings.Cut(lines.Text(), "listens on [::]:"); ok {
			url = "http://127.0.0.1:" + port
			break
		}
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			c.t.Errorf("%v\n%s", err, log.String())
		}
	}
	if url == "" {
		stop()
		c.t.Fatal("it does not say where it listens")
	}
	return url, stop
}

// testContainerOnSQLite tries SQLite, the keys, and mail to a server whose
// certificate is known by the image's authorities alone.
func testContainerOnSQLite(t *testing.T, program string, final []instruction) {
	t.Helper()
	authority, mailServer := newMailServer(t)
	c := newContainer(t, program, final, authority)
	for i := range 2 { // the second time on what the first has left
		url, stop := c.serve("LATCHKEY_SMTP_URL=smtps://"+mailServer.address, "LATCHKEY_PUBLIC_URL=https://id.example.com")
		wantAnswer(t, url+"/readyz", "", http.StatusOK)
		wantAnswer(t, url+"/users/", `{"username":"grace","password":"violet otter staple","email":"grace@example.com"}`,
			[]int{http.StatusCreated, http.StatusConflict}[i])
		if i == 0 {
			mailServer.wantBelieved(t)
		}
		stop()
	}
	list, err := c.command(nil, "user", "list").CombinedOutput() // as docker exec does
	if err != nil || !bytes.Contains(list, []byte("grace")) {
		t.Errorf("%v\n%s", err, list)
	}
	for _, name := range []string{"latchkey.db", "latchkey.key.pem"} {
		info, err := os.Stat(filepath.Join(c.root, "data", name))
		if err != nil {
			t.Error(err)
		} else if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Uid != c.user {
			t.Errorf("%s belongs to %+v", name, info.Sys())
		}
	}
}

func testContainerOnPostgres(t *testing.T, program string, final []instruction) {
	t.Helper()
	c := newContainer(t, program, final, nil)
	url, stop := c.serve("LATCHKEY_DATABASE_URL=" + apitest.NewPostgres(t))
	defer stop()
	wantAnswer(t, url+"/readyz", "", http.StatusOK)
	if _, err := os.Stat(filepath.Join(c.root, "data", "latchkey.key.pem")); err != nil {
		t.Error(err)
	}
}

// wantAnswer gets the URL, or posts the JSON if there is any.
func wantAnswer(t *testing.T, url, json string, status int) {
	t.Helper()
	method := http.MethodGet
	if json != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(json))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != status {
		t.Errorf("%s %s: %d", method, url, resp.StatusCode)
	}
}

// mailServer takes connections with TLS, and hangs up.
type mailServer struct {
	address    string
	handshakes chan error
}

// newMailServer is one with a certificate by a new authority, which it returns as PEM.
func newMailServer(t *testing.T) (authority []byte, server mailServer) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	server = mailServer{listener.Addr().String(), make(chan error, 1)}
	go server.take(t, listener)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), server
}

func (s mailServer) wantBelieved(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.handshakes:
		if err != nil {
			t.Errorf("the mail server's certificate is not believed: %v", err)
		}
	case <-time.NewTimer(20 * time.Second).C:
		t.Error("nobody has come to the mail server")
	}
}

// take reports the first handshake, which succeeds if the client believes the
// certificate.
func (s mailServer) take(t *testing.T, listener net.Listener) {
	t.Helper()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if conn, ok := conn.(*tls.Conn); ok {
			err = conn.HandshakeContext(t.Context())
		}
		select {
		case s.handshakes <- err:
		default:
		}
		_ = conn.Close()
	}
}
