package mail_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// postOffice is a real SMTP server on loopback, and what happens at it.
type postOffice struct {
	*smtp.Server
	addr string

	// What it does at each step of a conversation; nil for nothing special.
	onMail, onRcpt func(*smtp.Conn) error
	onData         func(*smtp.Conn, io.Reader) error
	// logins are the mechanisms that it offers; it asks for a login then.
	logins []string

	mu       sync.Mutex
	received []received
	used     []string // mechanisms
	begun    int      // conversations
}

// received is a mail as it came.
type received struct {
	hello, from, to string
	utf8, encrypted bool
	content         string
}

const (
	goodUser     = "post@example.com"
	goodPassword = "s3cr:t/ p@ss#word?%"
)

// open opens a post office, in the clear or not, until the test's end.
func open(t *testing.T, change func(*postOffice)) *postOffice {
	t.Helper()
	p := &postOffice{}
	p.Server = smtp.NewServer(p)
	p.Domain = "post.example.com"
	p.ErrorLog = silent{}
	if change != nil {
		change(p)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = listener.Addr().String()
	p.serve(t, listener)
	return p
}

func (p *postOffice) serve(t *testing.T, listener net.Listener) {
	t.Helper()
	var serving sync.WaitGroup
	serving.Go(func() { _ = p.Serve(listener) })
	t.Cleanup(func() {
		_ = p.Close()
		serving.Wait()
	})
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// mails are those that were accepted.
func (p *postOffice) mails() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.received)
}

func (p *postOffice) mechanisms() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.used)
}

func (p *postOffice) conversations() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begun
}

// NewSession implements smtp.Backend.
func (p *postOffice) NewSession(c *smtp.Conn) (smtp.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun++
	s := &session{office: p, conn: c}
	if len(p.logins) == 0 {
		return struct{ smtp.Session }{s}, nil // offers no AUTH
	}
	return s, nil
}

type session struct {
	office   *postOffice
	conn     *smtp.Conn
	loggedIn bool
	mail     received
}

func (s *session) AuthMechanisms() []string { return s.office.logins }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	s.office.mu.Lock()
	s.office.used = append(s.office.used, mechanism)
	s.office.mu.Unlock()
	check := func(user, password string) error {
		if user != goodUser || password != goodPassword {
			// As no server should: it quotes what it was told.
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "not " + user + " " + password}
		}
		s.loggedIn = true
		return nil
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case "LOGIN":
		return &loginServer{check: check}, nil
	case "SCRAM-SHA-256":
		return &scramServer{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	if len(s.office.logins) > 0 && !s.loggedIn {
		return smtp.ErrAuthRequired
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.mail = received{hello: s.conn.Hostname(), from: from, utf8: opts.UTF8, encrypted: encrypted}
	if s.office.onMail != nil {
		return s.office.onMail(s.conn)
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	if s.office.onRcpt != nil {
		return s.office.onRcpt(s.conn)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	var content bytes.Buffer
	var err error
	if s.office.onData != nil {
		err = s.office.onData(s.conn, io.TeeReader(r, &content))
	}
	if _, rest := io.Copy(&content, r); rest != nil {
		return rest
	}
	if err != nil {
		return err
	}
	s.mail.content = content.String()
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.office.received = append(s.office.received, s.mail)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// loginServer is the LOGIN mechanism.
type loginServer struct {
	check func(user, password string) error
	user  []byte
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		l.user = response
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(string(l.user), string(response))
}

// certificate makes one for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "post"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
