package drive

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"
)

// Client has one connection, kept alive, and sends one request after the other. It shares the cores with the server
// that is measured, so it does as little as it can: the request is written as it stands, and of the answer only the
// status and the length are looked at. net/http's client would cost more than the server.
type Client struct {
	connection net.Conn
	answer     *bufio.Reader
}

// answerSize is the most that a body may have: a page of 100 users is some 40 kB.
const answerSize = 64 << 10

// Dial connects to a server that does not take longer than five minutes for anything.
func Dial(ctx context.Context, addr string) (*Client, error) {
	const patience = 5 * time.Minute
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	return &Client{connection: connection, answer: bufio.NewReaderSize(connection, answerSize)}, nil
}

// Close gives the connection up.
func (c *Client) Close() error { return c.connection.Close() }

// Do sends the request and reads the answer, which has to be a 200. The body is good until the next call.
func (c *Client) Do(request []byte) (body []byte, err error) {
	if _, err := c.connection.Write(request); err != nil {
		return nil, err
	}
	status, err := c.answer.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return nil, fmt.Errorf("answered %q", status)
	}
	length, chunked, err := c.header()
	if err != nil {
		return nil, err
	}
	if chunked {
		return c.chunks()
	}
	return c.take(length)
}

// take reads so many bytes, which stay good until the next call.
func (c *Client) take(length int) ([]byte, error) {
	body, err := c.answer.Peek(length)
	if err != nil {
		return nil, err
	}
	_, err = c.answer.Discard(length)
	return body, err
}

// header reads to the end of the answer's header, and says how long the body is.
func (c *Client) header() (length int, chunked bool, err error) {
	for {
		line, err := c.answer.ReadSlice('\n')
		if err != nil || len(line) <= len("\r\n") {
			return length, chunked, err
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, err = strconv.Atoi(string(bytes.TrimSpace(value)))
			if err != nil {
				return 0, false, err
			}
		}
		chunked = chunked || bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked"))
	}
}

// chunks reads a body that net/http did not know the length of beforehand: a long one.
func (c *Client) chunks() (body []byte, err error) {
	for {
		line, err := c.answer.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 16)
		if err != nil {
			return nil, err
		}
		part, err := c.take(int(size) + len("\r\n"))
		if err != nil || size == 0 {
			return body, err
		}
		body = append(body, part[:size]...)
	}
}

// Get is a GET request, with the token if there is one.
func Get(path, token string) []byte {
	header := ""
	if token != "" {
		header = "Authorization: Bearer " + token + "\r\n"
	}
	return []byte("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + header + "\r\n")
}

// LogIn is the request of a login.
func LogIn(username, password string) []byte {
	return postToken(url.Values{"username": {username}, "password": {password}})
}

// Refresh is the request for the next pair of tokens.
func Refresh(token string) []byte {
	return postToken(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func postToken(form url.Values) []byte {
	body := form.Encode()
	return fmt.Appendf(nil, "POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// Once sends one request on a connection of its own.
func Once(ctx context.Context, addr string, request []byte) (body []byte, err error) {
	c, err := Dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	body, err = c.Do(request)
	return bytes.Clone(body), err
}
