package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"latchkey/internal/tools/drive"
)

const (
	manyTokens = 1000
	manyUsers  = 64
)

// visitor knows what to ask one server: the service or the bare handler.
type visitor struct {
	crowd  drive.Crowd
	me     [][]byte // GET /users/me, each with another token
	logins [][]byte // each of another user
	chains [][]byte // the refresh token that each connection is to use next
	after  []action // what each connection has sent last
}

type action int

const (
	read action = iota
	logIn
	refresh
)

// scenario is what a crowd of visitors does.
type scenario struct {
	name, title string
	next        func(v *visitor) drive.Next
}

func scenarios() []scenario {
	return []scenario{
		{"me", "`GET /users/me`, one token", func(v *visitor) drive.Next { return v.crowd.InTurn(v.me[:1]) }},
		{"me-many", "`GET /users/me`, 1,000 tokens", func(v *visitor) drive.Next { return v.crowd.InTurn(v.me) }},
		{"mix", "90 % `GET /users/me`, 5 % login, 5 % refresh", func(v *visitor) drive.Next { return v.acting(mixed) }},
		{"refresh", "refresh", func(v *visitor) drive.Next { return v.acting(func(int) action { return refresh }) }},
		{"login", "login, 64 users", func(v *visitor) drive.Next { return v.crowd.InTurn(v.logins) }},
	}
}

// mixed is the action of turn n: of twenty, one is a login, and one is a refresh.
func mixed(n int) action {
	switch n % 20 {
	case 0:
		return logIn
	case 10:
		return refresh
	default:
		return read
	}
}

// acting sends what is an action's turn. The connections begin at different turns.
func (v *visitor) acting(turn func(n int) action) drive.Next {
	reading, loggingIn := v.crowd.InTurn(v.me), v.crowd.InTurn(v.logins)
	return func(connection, sent int, answer []byte) []byte {
		if sent > 0 && v.after[connection] == refresh {
			v.chains[connection] = refreshToken(answer)
		}
		v.after[connection] = turn(connection*7 + sent)
		switch v.after[connection] {
		case logIn:
			return loggingIn(connection, sent, nil)
		case refresh:
			return drive.Refresh(string(v.chains[connection]))
		default:
			return reading(connection, sent, nil)
		}
	}
}

// refreshToken is the one in the answer to a login or a refresh, nil if there is none.
func refreshToken(answer []byte) []byte {
	_, rest, found := bytes.Cut(answer, []byte(`"refresh_token":"`))
	if !found {
		return nil
	}
	token, _, _ := bytes.Cut(rest, []byte(`"`))
	return bytes.Clone(token)
}

// newVisitor logs each connection in. Both servers are asked the same, but for the refresh tokens.
func newVisitor(ctx context.Context, crowd drive.Crowd, tokens []string) (*visitor, error) {
	v := &visitor{crowd: crowd, chains: make([][]byte, crowd.Connections), after: make([]action, crowd.Connections)}
	for _, token := range tokens {
		v.me = append(v.me, drive.Get("/users/me", token))
	}
	for i := range manyUsers {
		v.logins = append(v.logins, drive.LogIn(username(i), password))
	}
	_, err := crowd.Send(ctx, func(connection, sent int, answer []byte) []byte {
		if sent > 0 {
			v.chains[connection] = refreshToken(answer)
			return nil
		}
		return v.logins[connection]
	})
	for _, addr := range crowd.Addrs { // what is measured is not the first use of a token
		one := drive.Crowd{Addrs: []string{addr}, Connections: crowd.Connections}
		if err == nil {
			_, err = one.Send(ctx, one.Each(v.me))
		}
	}
	for _, chain := range v.chains {
		if err == nil && chain == nil {
			err = errors.New("a login was answered without a refresh token")
		}
	}
	return v, err
}

// username is the name of the user of that number.
func username(i int) string { return fmt.Sprintf("user%07d", i) }
