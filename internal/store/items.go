package store

import (
	"context"

	"github.com/google/uuid"

	"latchkey/models"
)

const itemColumns = `id, title, description, created_at, updated_at`

// CreateItem adds an item of that owner.
func (s *Store) CreateItem(ctx context.Context, ownerID string, n models.NewItem) (models.Item, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return models.Item{}, err
	}
	now := s.now()
	_, err = s.exec(ctx, `
		INSERT INTO items (id, owner_id, title, description, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5)`, id.String(), ownerID, n.Title, n.Description, now)
	item := models.Item{ID: id.String(), Title: n.Title, Description: n.Description, CreatedAt: now, UpdatedAt: now}
	return item, check(err, "Item")
}

// Item is that item of the owner's. One of somebody else's is KindNotFound,
// as one that is not there.
func (s *Store) Item(ctx context.Context, ownerID, id string) (models.Item, error) {
	return scanItem(s.queryRow(ctx,
		`SELECT `+itemColumns+` FROM items WHERE id = $1 AND owner_id = $2`, id, ownerID))
}

// Items is a page of the owner's items, oldest first.
func (s *Store) Items(ctx context.Context, ownerID string, q models.PageQuery) (models.ItemPage, error) {
	items, err := queryAll(ctx, s, scanItem, `
		SELECT `+itemColumns+` FROM items WHERE owner_id = $1 AND id > $2
		ORDER BY id LIMIT $3`, ownerID, q.After, q.Limit+1)
	if err != nil {
		return models.ItemPage{}, err
	}
	return models.NewPage(items, q.Limit, func(i models.Item) string { return i.ID }), nil
}

// ChangeItem changes what the changes set, and returns the item as it is then.
func (s *Store) ChangeItem(ctx context.Context, ownerID, id string, ch models.ItemChanges) (models.Item, error) {
	var item models.Item
	now := s.now()
	err := s.inTx(ctx, func(tx *transaction) (err error) {
		item, err = scanItem(tx.QueryRowContext(ctx, `
			UPDATE items SET
				title = CASE WHEN $1 THEN $2 ELSE title END,
				description = CASE WHEN $3 THEN $4 ELSE description END,
				updated_at = $5
			WHERE id = $6 AND owner_id = $7
			RETURNING `+itemColumns,
			ch.Title.Set, ch.Title.Value, ch.Description.Set, ch.Description.Value, now, id, ownerID))
		return err
	})
	return item, err
}

// DeleteItem removes that item of the owner's.
func (s *Store) DeleteItem(ctx context.Context, ownerID, id string) error {
	result, err := s.exec(ctx, `DELETE FROM items WHERE id = $1 AND owner_id = $2`, id, ownerID)
	return notFoundWhenNone(result, err, "Item")
}

func scanItem(row scanner) (models.Item, error) {
	var i models.Item
	err := row.Scan(&i.ID, &i.Title, &i.Description, &i.CreatedAt, &i.UpdatedAt)
	i.CreatedAt, i.UpdatedAt = i.CreatedAt.UTC(), i.UpdatedAt.UTC()
	return i, check(err, "Item")
}
