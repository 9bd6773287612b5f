package cli_test

import (
	"strings"
	"testing"
)

func TestClientCommands(t *testing.T) {
	s := newShell(t)
	first, secret, _ := strings.Cut(s.must(t, "", "client", "add", "web", "--scopes=items:read, items:write items:read"), "\n")
	if first != "Registered web. Its secret, which is shown only now:" || len(strings.TrimSpace(secret)) != 43 {
		t.Errorf("%q %q", first, secret)
	}
	list := s.must(t, "", "client", "list")
	if !strings.Contains(list, "web  items:read items:write  20") || strings.Contains(list, strings.TrimSpace(secret)) {
		t.Errorf("%s", list)
	}
	if r := s.run(t, "", "client", "add", "web"); r.code != 1 || !strings.Contains(r.err, "taken") {
		t.Errorf("%+v", r)
	}
	if out := s.must(t, "", "client", "delete", "web"); out != "Deleted web.\n" {
		t.Errorf("%q", out)
	}
	if r := s.run(t, "", "client", "delete", "web"); r.code != 1 || !strings.Contains(r.err, `there is no client "web"`) {
		t.Errorf("%+v", r)
	}
}

func TestClientAddRefuses(t *testing.T) {
	s := newShell(t)
	for want, args := range map[string][]string{
		"visible ASCII characters":  {"a:b"},
		"255 visible":               {"a b"},
		"1 to 255":                  {""},
		"who it is":                 {"anonymous"},
		"is not a scope of this se": {"web", "--scopes=all"},
	} {
		if r := s.run(t, "", append([]string{"client", "add"}, args...)...); r.code != 2 || !strings.Contains(r.err, want) {
			t.Errorf("%q: %+v", args, r)
		}
	}
}
