package handlers_test

import (
	"net/http"
	"testing"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// An administrator who holds little can manage those who hold what everybody
// gets, and cannot lay hands on those who hold more.
func TestAdministratorsLeaveTheStrongerAlone(t *testing.T) {
	s := apitest.Start(t)
	signUp(t, s, "ada", "ada@example.com")
	chief := s.LogIn("johndoe", "secret")
	weak := s.LogIn("johndoe", "secret", models.ScopeUsersWrite, models.ScopeUsersRead)
	refused := func(what string, got apitest.Response) {
		t.Helper()
		expect(t, what, got, http.StatusForbidden, "")
	}
	refused("enable alice", s.JSON(http.MethodPatch, "/users/alice", weak, `{"disabled":false}`))
	refused("take from alice", s.JSON(http.MethodPatch, "/users/alice", weak, `{"scopes":["users:read","users:write"]}`))
	refused("delete alice", s.JSON(http.MethodDelete, "/users/alice", weak, ""))
	refused("the address of ada", s.JSON(http.MethodPatch, "/users/ada", weak, `{"email":"thief@example.com"}`))
	refused("give to ada", s.JSON(http.MethodPatch, "/users/ada", weak, `{"scopes":["audit:read"]}`))

	for _, changes := range []string{`{"disabled":true}`, `{"disabled":false}`, `{"scopes":["items:read"]}`, `{"full_name":"Ada"}`} {
		expect(t, changes, s.JSON(http.MethodPatch, "/users/ada", weak, changes), http.StatusOK, "")
	}
	expect(t, "delete ada", s.JSON(http.MethodDelete, "/users/ada", weak, ""), http.StatusNoContent, "")
	expect(t, "the chief", s.JSON(http.MethodPatch, "/users/alice", chief, `{"disabled":false}`), http.StatusOK, "")
	expect(t, "the chief", s.JSON(http.MethodDelete, "/users/alice", chief, ""), http.StatusNoContent, "")
}

func TestLogInByAnAddressHoweverItsDomainIsSpelled(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL())
	signUp(t, s, "ada", "ada@bücher.example")
	expect(t, "verify", s.JSON(http.MethodPost, "/verify-email", "", body("token", box.Wait("ada@xn--bcher-kva.example").Token)),
		http.StatusNoContent, "")
	for _, name := range []string{"ada@bücher.example", "Ada@BÜCHER.example", "ada@xn--bcher-kva.example"} {
		s.LogIn(name, goodPassword)
	}
}

// Nobody can fill a mailbox, even from many addresses and with accounts of
// their own: what is too much is left out.
func TestAMailboxIsNotFilled(t *testing.T) {
	box := apitest.NewMailbox(t)
	s := apitest.Start(t, "--smtp-url="+box.URL(), "--trusted-proxies=127.0.0.1")
	s.Clock.Freeze()
	const most = 20
	for i := range most + 10 {
		got := s.Send(http.MethodPost, "/password-recovery", body("email", "johndoe@example.com"),
			"Content-Type", "application/json", "X-Forwarded-For", "198.51.100."+string(rune('0'+i%10))+string(rune('0'+i/10)))
		expect(t, "recovery", got, http.StatusAccepted, "")
	}
	apitest.Eventually(t, "the queue to be empty", func() bool { return s.Int(`SELECT count(*) FROM mails`) == 0 })
	if n := box.Count("johndoe@example.com"); n != most {
		t.Errorf("%d mails, want %d", n, most)
	}
}
