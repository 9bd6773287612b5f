package store

import (
	"context"
	"strings"

	"latchkey/models"
)

const clientColumns = `id, subject, hashed_secret, scopes, created_at`

// CreateClient registers a client. An id that is taken is KindConflict.
func (s *Store) CreateClient(ctx context.Context, c models.Client) error {
	result, err := s.exec(ctx, `
		INSERT INTO clients (id, hashed_secret, scopes, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO NOTHING`, c.ID, c.HashedSecret, strings.Join(c.Scopes, " "), s.now())
	if models.KindOf(notFoundWhenNone(result, err, "Client")) == models.KindNotFound {
		return models.Conflict("The client id is taken")
	}
	return check(err, "Client")
}

// HasClients reports whether any client is registered.
func (s *Store) HasClients(ctx context.Context) (bool, error) {
	var some bool
	err := s.queryRow(ctx, `SELECT EXISTS (SELECT id FROM clients)`).Scan(&some)
	return some, check(err, "")
}

// Client is the client of that id, KindNotFound if there is none.
func (s *Store) Client(ctx context.Context, id string) (models.Client, error) {
	return scanClient(s.queryRow(ctx, `SELECT `+clientColumns+` FROM clients WHERE id = $1`, id))
}

// Clients are all clients in the order of their ids.
func (s *Store) Clients(ctx context.Context) ([]models.Client, error) {
	return queryAll(ctx, s, scanClient, `SELECT `+clientColumns+` FROM clients ORDER BY id`)
}

// DeleteClient removes the client of that id. The sessions that were begun
// with it end, by a trigger.
func (s *Store) DeleteClient(ctx context.Context, id string) error {
	result, err := s.exec(ctx, `DELETE FROM clients WHERE id = $1`, id)
	return notFoundWhenNone(result, err, "Client")
}

func scanClient(row scanner) (models.Client, error) {
	var c models.Client
	var scopes string
	err := row.Scan(&c.ID, &c.Subject, &c.HashedSecret, &scopes, &c.CreatedAt)
	c.Scopes, c.CreatedAt = splitScopes(scopes), c.CreatedAt.UTC()
	return c, check(err, "Client")
}
