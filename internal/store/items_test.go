package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"latchkey/internal/store"
	"latchkey/models"
)

func TestItems(t *testing.T) {
	t.Run("sqlite", testItems)
	t.Run("postgres", testItems)
}

func testItems(t *testing.T) {
	now := newClock()
	s := open(t, newDatabase(t), now.now)
	joe := createUser(t, s, "joe")
	description := "opens the garden gate"
	made, err := s.CreateItem(t.Context(), joe.ID, models.NewItem{Title: "key", Description: &description})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Item(t.Context(), joe.ID, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 12, 4, 5, 123_456_000, time.UTC)
	if got.Title != "key" || *got.Description != description || got.CreatedAt != at || got.UpdatedAt != at {
		t.Errorf("%+v", got)
	}
	if made.ID != got.ID || made.CreatedAt != at || made.UpdatedAt != at {
		t.Errorf("%+v", made)
	}
	if err := s.DeleteItem(t.Context(), joe.ID, made.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.Item(t.Context(), joe.ID, made.ID)
	wantKind(t, "a deleted item", err, models.KindNotFound)
}

func TestItemsOfOthers(t *testing.T) {
	t.Run("sqlite", testItemsOfOthers)
	t.Run("postgres", testItemsOfOthers)
}

func testItemsOfOthers(t *testing.T) {
	s, _ := newStore(t)
	joe, eve := createUser(t, s, "joe"), createUser(t, s, "eve")
	item := createItem(t, s, joe, "joe's")
	title := models.ItemChanges{Title: models.Optional[string]{Value: "eve's", Set: true}}
	refused := map[string]func() error{
		"Item":       func() error { _, err := s.Item(t.Context(), eve.ID, item.ID); return err },
		"ChangeItem": func() error { _, err := s.ChangeItem(t.Context(), eve.ID, item.ID, title); return err },
		"DeleteItem": func() error { return s.DeleteItem(t.Context(), eve.ID, item.ID) },
	}
	for name, f := range refused {
		err := f()
		wantKind(t, name, err, models.KindNotFound)
		if err != nil && err.Error() != "Item not found" {
			t.Errorf("%s: %q", name, err)
		}
	}
	if page := pageOf(t, s, eve, models.PageQuery{Limit: 100}); len(page.Data) != 0 || page.Data == nil || page.Next != nil {
		t.Errorf("eve sees %+v", page)
	}
	if got, err := s.Item(t.Context(), joe.ID, item.ID); err != nil || got != item {
		t.Errorf("%+v, %v, want %+v", got, err, item)
	}
}

func TestChangeItem(t *testing.T) {
	t.Run("sqlite", testChangeItem)
	t.Run("postgres", testChangeItem)
}

func testChangeItem(t *testing.T) {
	now := newClock()
	s := open(t, newDatabase(t), now.now)
	joe := createUser(t, s, "joe")
	text := func(s string) *string { return &s }
	title := func(s string) models.Optional[string] { return models.Optional[string]{Value: s, Set: true} }
	description := func(s *string) models.Optional[*string] { return models.Optional[*string]{Value: s, Set: true} }
	tests := []struct {
		name            string
		changes         models.ItemChanges
		wantTitle       string
		wantDescription *string
	}{
		{"nothing", models.ItemChanges{}, "old", text("old")},
		{"title", models.ItemChanges{Title: title("new")}, "new", text("old")},
		{"description", models.ItemChanges{Description: description(text("new"))}, "old", text("new")},
		{"no description", models.ItemChanges{Description: description(nil)}, "old", nil},
		{"both", models.ItemChanges{Title: title("new"), Description: description(text(""))}, "new", text("")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			made, err := s.CreateItem(t.Context(), joe.ID, models.NewItem{Title: "old", Description: text("old")})
			if err != nil {
				t.Fatal(err)
			}
			other := createItem(t, s, joe, "other")
			now.Time = now.Add(time.Minute)
			changed, err := s.ChangeItem(t.Context(), joe.ID, made.ID, tt.changes)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Item(t.Context(), joe.ID, made.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range []models.Item{changed, got} {
				if i.ID != made.ID || i.Title != tt.wantTitle || !equal(i.Description, tt.wantDescription) ||
					i.CreatedAt != made.CreatedAt || i.UpdatedAt != made.UpdatedAt.Add(time.Minute) {
					t.Errorf("%+v", i)
				}
			}
			if got, err := s.Item(t.Context(), joe.ID, other.ID); err != nil || got != other {
				t.Errorf("another item was changed: %+v, %v", got, err)
			}
		})
	}
}

func equal(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

func pageOf(t *testing.T, s *store.Store, owner models.User, q models.PageQuery) models.ItemPage {
	t.Helper()
	page, err := s.Items(t.Context(), owner.ID, q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func titles(page models.ItemPage) (all []string) {
	for _, item := range page.Data {
		all = append(all, item.Title)
	}
	return all
}

func TestPages(t *testing.T) {
	t.Run("sqlite", testPages)
	t.Run("postgres", testPages)
}

func testPages(t *testing.T) {
	s, _ := newStore(t)
	joe, eve := createUser(t, s, "joe"), createUser(t, s, "eve")
	var all []string
	for i := range 7 {
		all = append(all, createItem(t, s, joe, fmt.Sprint("joe ", i)).Title)
		createItem(t, s, eve, fmt.Sprint("eve ", i))
	}
	for limit := 1; limit <= 8; limit++ {
		var got []string
		q := models.PageQuery{Limit: limit}
		for {
			page := pageOf(t, s, joe, q)
			if len(page.Data) > limit || page.Next != nil && len(page.Data) < limit || len(page.Data) == 0 {
				t.Fatalf("a page of %d for the limit %d", len(page.Data), limit)
			}
			got = append(got, titles(page)...)
			if page.Next == nil {
				break
			}
			q.After = after(t, page.Next)
		}
		if !slices.Equal(got, all) {
			t.Errorf("in pages of %d: %q", limit, got)
		}
	}
}

func TestPagesStayWhileItemsComeAndGo(t *testing.T) {
	t.Run("sqlite", testPagesStayWhileItemsComeAndGo)
	t.Run("postgres", testPagesStayWhileItemsComeAndGo)
}

func testPagesStayWhileItemsComeAndGo(t *testing.T) {
	s, _ := newStore(t)
	joe := createUser(t, s, "joe")
	var items []models.Item
	for i := range 4 {
		items = append(items, createItem(t, s, joe, fmt.Sprint(i)))
	}
	first := pageOf(t, s, joe, models.PageQuery{Limit: 2})
	createItem(t, s, joe, "late")
	for _, gone := range []models.Item{items[0], items[1]} { // the cursor's own among them
		if err := s.DeleteItem(t.Context(), joe.ID, gone.ID); err != nil {
			t.Fatal(err)
		}
	}
	rest := pageOf(t, s, joe, models.PageQuery{Limit: 10, After: after(t, first.Next)})
	if got := titles(rest); !slices.Equal(got, []string{"2", "3", "late"}) {
		t.Errorf("%q", got)
	}
}

func TestPagesAfterAnItemOfAnother(t *testing.T) {
	t.Run("sqlite", testPagesAfterAnItemOfAnother)
	t.Run("postgres", testPagesAfterAnItemOfAnother)
}

func testPagesAfterAnItemOfAnother(t *testing.T) {
	s, _ := newStore(t)
	joe, eve := createUser(t, s, "joe"), createUser(t, s, "eve")
	createItem(t, s, eve, "eve 1")
	createItem(t, s, joe, "joe 1")
	createItem(t, s, eve, "eve 2")
	createItem(t, s, joe, "joe 2")
	eves := after(t, pageOf(t, s, eve, models.PageQuery{Limit: 1}).Next)
	if got := titles(pageOf(t, s, joe, models.PageQuery{Limit: 10, After: eves})); !slices.Equal(got, []string{"joe 1", "joe 2"}) {
		t.Errorf("with eve's cursor joe sees %q", got)
	}
}
