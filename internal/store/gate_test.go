package store_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// gate is a proxy in front of the server, as a pooler is one.
type gate struct {
	url     string
	refuses string       // a setting that it does not let through at a start
	closed  atomic.Bool  // nothing passes any more, and nobody is told
	refused atomic.Int32 // how often it did refuse
}

// newGate is a gate to the server of that URL, until the test ends.
func newGate(t *testing.T, server, refuses string) *gate {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(func() { cancel(); _ = listener.Close() })
	g := &gate{refuses: refuses}
	behind := u.Host
	u.Host = listener.Addr().String()
	g.url = u.String()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { _ = client.Close() })
			go g.pass(ctx, client, behind)
		}
	}()
	return g
}

func (g *gate) pass(ctx context.Context, client net.Conn, behind string) {
	defer func() { _ = client.Close() }()
	length := make([]byte, 4)
	if _, err := io.ReadFull(client, length); err != nil {
		return
	}
	start := make([]byte, binary.BigEndian.Uint32(length)-4)
	if _, err := io.ReadFull(client, start); err != nil {
		return
	}
	if g.refuses != "" && strings.Contains(string(start), g.refuses) {
		g.refused.Add(1)
		fields := "SFATAL\x00VFATAL\x00C08P01\x00Munsupported startup parameter: " + g.refuses + "\x00\x00"
		_, _ = client.Write(append(binary.BigEndian.AppendUint32([]byte("E"), uint32(len(fields)+4)), fields...))
		return
	}
	server, err := new(net.Dialer).DialContext(ctx, "tcp", behind)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	_, _ = server.Write(slices.Concat(length, start))
	go func() {
		g.copy(server, client)
		_ = client.Close()
	}()
	g.copy(client, server)
}

// copy passes on what comes until the gate is closed.
func (g *gate) copy(to io.Writer, from io.Reader) {
	some := make([]byte, 4096)
	for {
		n, err := from.Read(some)
		if err != nil {
			return
		}
		if g.closed.Load() {
			continue
		}
		if _, err := to.Write(some[:n]); err != nil {
			return
		}
	}
}
