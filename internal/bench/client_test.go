package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"latchkey/models"
)

// client has one connection, kept alive, and sends one request over and over. It shares the cores with the server
// that is measured, so it does as little as it can: the request is written as it stands, and of the answer only the
// status and the length are looked at. net/http's client would cost more than the server.
type client struct {
	connection net.Conn
	answer     *bufio.Reader
	request    []byte
}

// dial connects to a server that does not take longer than patience for anything.
func dial(addr string, request []byte) (*client, error) {
	const patience = 5 * time.Minute
	connection, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	return &client{connection: connection, answer: bufio.NewReader(connection), request: request}, nil
}

// do sends the request and reads the answer, which has to be a 200. The body is good until the next call.
func (c *client) do() (body []byte, err error) {
	if _, err := c.connection.Write(c.request); err != nil {
		return nil, err
	}
	status, err := c.answer.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return nil, fmt.Errorf("answered %q", status)
	}
	length, err := c.header()
	if err != nil {
		return nil, err
	}
	body, err = c.answer.Peek(length)
	if err != nil {
		return nil, err
	}
	_, err = c.answer.Discard(length)
	return body, err
}

// header reads to the end of the answer's header, and says how long the body is.
func (c *client) header() (length int, err error) {
	for {
		line, err := c.answer.ReadSlice('\n')
		if err != nil || len(line) <= len("\r\n") {
			return length, err
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, err = strconv.Atoi(string(bytes.TrimSpace(value)))
			if err != nil {
				return 0, err
			}
		}
	}
}

// get is a GET request, with the token if there is one.
func get(path, token string) []byte {
	header := ""
	if token != "" {
		header = "Authorization: Bearer " + token + "\r\n"
	}
	return []byte("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + header + "\r\n")
}

// login is the request that logs the demo user in.
func login() []byte {
	form := url.Values{"username": {"johndoe"}, "password": {"secret"}}.Encode()
	return fmt.Appendf(nil, "POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(form), form)
}

// once sends one request on a connection of its own.
func once(b *testing.B, addr string, request []byte) []byte {
	b.Helper()
	c, err := dial(addr, request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.connection.Close() }()
	body, err := c.do()
	if err != nil {
		b.Fatal(err)
	}
	return slices.Clone(body)
}

// logIn is an access token of the demo user.
func logIn(b *testing.B, addr string) string {
	b.Helper()
	var answer models.TokenAnswer
	if err := json.Unmarshal(once(b, addr, login()), &answer); err != nil {
		b.Fatal(err)
	}
	return answer.AccessToken
}
