package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// finish adds the last table and reads what the database has. If that is what
// the source has, it is complete, and was so at no earlier moment.
func (t *copyTarget) finish(ctx context.Context, tables []copyTable, last []copyRow, c Copy) (copied []CopiedTable, err error) {
	err = t.inTx(ctx, func(tx *sql.Tx) error {
		names := strings.Join(copiedTables(), ", ")
		if _, err := tx.ExecContext(ctx, `LOCK TABLE `+names+` IN SHARE MODE`); err != nil {
			return err
		}
		if err := t.insert(ctx, tables[len(tables)-1], last); err != nil {
			return err
		}
		if copied, err = c.check(ctx, tx, tables); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM changes`, // triggers told of every revoked token
			`DROP TABLE copy_progress`,
			`ANALYZE ` + names,
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	return copied, err
}

// check reads what the target has, with the code that has read the source.
func (c Copy) check(ctx context.Context, target queryer, tables []copyTable) ([]CopiedTable, error) {
	var copied []CopiedTable
	var err error
	for _, t := range tables {
		t.rowID = "0"
		faults := &copyFaults{}
		sum, errSum := t.checksum(ctx, target, c.Batch, faults, func(done int64) {
			c.Watch(CopyStep{CopyChecks, t.name, done, t.sum.Rows})
		})
		if errSum != nil {
			return nil, fmt.Errorf("check the table %s: %w", t.name, errSum)
		}
		result := CopiedTable{Name: t.name, Source: t.sum, Target: sum}
		if !result.OK() {
			err = ErrCopyDiffers
		}
		copied = append(copied, result)
	}
	return copied, err
}
