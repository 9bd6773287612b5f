package store

import (
	"context"
	"database/sql"
	"errors"

	"latchkey/models"
)

// SettleDemo decides, once in the life of a database, whether it gets demo
// accounts: it does if they are wanted and there is no user yet. They are
// then created, all or none. demo says what was decided, now or earlier,
// and created whether that was now.
func (s *Store) SettleDemo(ctx context.Context, wanted bool, users func() ([]models.NewUser, error)) (demo, created bool, err error) {
	demo, settled, err := s.settledDemo(ctx)
	if err != nil || settled {
		return demo, false, err
	}
	err = s.inTx(ctx, func(tx *transaction) error {
		err := tx.QueryRowContext(ctx, `
			UPDATE installation SET demo = ($1 AND NOT EXISTS (SELECT id FROM users))
			WHERE demo IS NULL RETURNING demo`, wanted).Scan(&created)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !created {
			return nil
		}
		if err != nil {
			return check(err, "")
		}
		return s.insertUsers(ctx, tx, users)
	})
	if err != nil {
		return false, false, err
	}
	if !created { // it was decided against them, or by somebody else in the meantime
		demo, _, err = s.settledDemo(ctx)
		return demo, false, err
	}
	return true, true, nil
}

// settledDemo reads what was decided, if anything was.
func (s *Store) settledDemo(ctx context.Context) (demo, settled bool, err error) {
	var decided sql.NullBool
	err = s.queryRow(ctx, `SELECT demo FROM installation`).Scan(&decided)
	return decided.Bool, decided.Valid, check(err, "")
}

func (s *Store) insertUsers(ctx context.Context, tx *transaction, users func() ([]models.NewUser, error)) error {
	list, err := users()
	if err != nil {
		return err
	}
	for _, u := range list {
		if _, err := s.insertUser(ctx, tx, u); err != nil {
			return err
		}
	}
	return nil
}
