//go:build linux

package faults_test

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// proxy stands between the service and PostgreSQL, and can be cut.
type proxy struct {
	t      *testing.T
	url    string // of the database, by way of the proxy
	addr   string
	behind string

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	silent   bool          // what comes is swallowed, and nobody is told
	delay    time.Duration // of all that comes
}

// newProxy is a proxy to the database of that URL until the test ends.
func newProxy(t *testing.T, database string) *proxy {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, addr: "127.0.0.1:0", behind: u.Host, conns: map[net.Conn]bool{}}
	p.listen()
	t.Cleanup(p.refuse)
	u.Host = p.addr
	p.url = u.String()
	return p
}

func (p *proxy) listen() {
	p.t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.listener, p.addr = listener, listener.Addr().String()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.connect(client)
		}
	}()
}

func (p *proxy) connect(client net.Conn) {
	server, err := new(net.Dialer).Dial("tcp", p.behind)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	go p.pass(server, client)
	p.pass(client, server)
}

// pass passes on what comes from one side, until either is closed.
func (p *proxy) pass(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	some := make([]byte, 32<<10)
	for {
		n, err := from.Read(some)
		if err != nil {
			return
		}
		p.mu.Lock()
		silent, delay := p.silent, p.delay
		p.mu.Unlock()
		pause(delay)
		if silent {
			continue
		}
		if _, err := to.Write(some[:n]); err != nil {
			return
		}
	}
}

// drop cuts all connections. New ones are let through.
func (p *proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
	clear(p.conns)
}

// refuse cuts all connections, and lets no new ones through.
func (p *proxy) refuse() {
	_ = p.listener.Close()
	p.drop()
}

// hush lets all connections be, with nothing coming through.
func (p *proxy) hush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = true
}

// slow has all that comes wait for that long.
func (p *proxy) slow(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// heal lets everything through again.
func (p *proxy) heal() {
	p.t.Helper()
	_ = p.listener.Close()
	p.mu.Lock()
	p.silent, p.delay = false, 0
	p.mu.Unlock()
	p.listen()
}
