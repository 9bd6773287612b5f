package store

import (
	"context"
	"errors"
	"fmt"
)

// copyBatch is how many rows are copied in one transaction: enough that
// commits do not count, and few enough that an interruption loses little.
const copyBatch = 2000

// Copy moves house: it copies everything from an SQLite database into an empty
// PostgreSQL database, and goes on where it was after an interruption. Until it
// is done, Migrate refuses the target.
type Copy struct {
	Source string         // the path of the SQLite file, which nobody else may use meanwhile
	Target string         // the URL of the PostgreSQL database
	Batch  int            // rows in one transaction; 0 leaves it to the store
	Watch  func(CopyStep) // is told how far it is; may be nil
}

// CopyPhase is what a copy does with a table.
type CopyPhase string

// The phases, in their order. All tables go through one before the next begins.
const (
	CopyReads  CopyPhase = "Reading"  // finds what cannot be copied, and what the copy has to be like
	CopyWrites CopyPhase = "Copying"  // writes to the target
	CopyChecks CopyPhase = "Checking" // reads what the target has
)

// CopyStep is how far a copy is, in rows.
type CopyStep struct {
	Phase       CopyPhase
	Table       string
	Done, Total int64
}

// CopiedTable is a table after the copy.
type CopiedTable struct {
	Name           string
	Source, Target TableSum
}

// OK reports whether the target has what the source has.
func (t CopiedTable) OK() bool { return t.Source == t.Target }

// ErrCopyDiffers is that the target has other rows than the source.
var ErrCopyDiffers = errors.New("the copy is not what the source is, so nothing starts on it: " +
	"make the PostgreSQL database anew and copy again")

// Run copies and checks. What it returns beside ErrCopyDiffers says where.
func (c Copy) Run(ctx context.Context) (_ []CopiedTable, err error) {
	if c.Batch == 0 {
		c.Batch = copyBatch
	}
	if c.Watch == nil {
		c.Watch = func(CopyStep) {}
	}
	target, err := openCopyTarget(ctx, c.Target)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, target.close()) }()
	if _, err := target.begun(ctx, target.conn); err != nil { // before anything else is done
		return nil, err
	}
	source, err := openCopySource(ctx, c.Source)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	if err := c.read(ctx, source); err != nil {
		return nil, err
	}
	if err := target.begin(ctx, source.tables); err != nil {
		return nil, err
	}
	copied, err := c.write(ctx, source, target)
	if err != nil && !errors.Is(err, ErrCopyDiffers) {
		err = fmt.Errorf("%w\nthe copy is not finished, and nothing starts on it: run the same command again to go on", err)
	}
	return copied, err
}

// read finds out what the copy has to be like.
func (c Copy) read(ctx context.Context, source *copySource) error {
	faults := &copyFaults{}
	for i := range source.tables {
		t := &source.tables[i]
		if err := c.readTable(ctx, source, t, faults); err != nil {
			return fmt.Errorf("read the table %s of %s: %w", t.name, c.Source, err)
		}
	}
	if err := source.findOrphans(ctx, faults); err != nil {
		return err
	}
	return faults.err()
}

func (c Copy) readTable(ctx context.Context, source *copySource, t *copyTable, faults *copyFaults) error {
	total, err := t.count(ctx, source.tx)
	if err != nil {
		return err
	}
	t.sum, err = t.checksum(ctx, source.tx, c.Batch, faults, func(done int64) {
		c.Watch(CopyStep{CopyReads, t.name, done, total})
	})
	return err
}

// write copies what was not copied yet, and declares the copy complete once
// the target proved to have what the source has.
func (c Copy) write(ctx context.Context, source *copySource, target *copyTarget) ([]CopiedTable, error) {
	for _, t := range source.tables {
		if t.name == lastTable {
			continue
		}
		if err := c.writeTable(ctx, source, target, t); err != nil {
			return nil, fmt.Errorf("copy the table %s: %w", t.name, err)
		}
	}
	if err := source.file.present(); err != nil {
		return nil, err
	}
	last := source.tables[len(source.tables)-1]
	rows, err := last.page(ctx, source.tx, nil, c.Batch)
	if err != nil {
		return nil, err
	}
	return target.finish(ctx, source.tables, rows, c)
}

func (c Copy) writeTable(ctx context.Context, source *copySource, target *copyTarget, t copyTable) error {
	after, done, err := target.progress(ctx, t)
	if err != nil {
		return err
	}
	for {
		c.Watch(CopyStep{CopyWrites, t.name, done, t.sum.Rows})
		rows, err := t.page(ctx, source.tx, after, c.Batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := target.write(ctx, t, rows, after); err != nil {
			return err
		}
		after = rows[len(rows)-1].values[t.key]
		done += int64(len(rows))
	}
}
