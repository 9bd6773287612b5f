-- +goose Up
-- A row that names only username, email, full_name, hashed_password and
-- disabled is a working user: every other column has a default. Ids and names
-- are compared byte by byte, and lower() knows ASCII alone, as on SQLite and
-- whatever the database's language.
CREATE TABLE users (
    id                  TEXT        COLLATE "C" NOT NULL PRIMARY KEY DEFAULT replace(gen_random_uuid()::text, '-', ''),
    username            TEXT        COLLATE "C" NOT NULL CHECK (username <> ''),
    email               TEXT        COLLATE "C"          CHECK (email <> ''),
    full_name           TEXT,
    hashed_password     TEXT        NOT NULL,
    disabled            BOOLEAN     NOT NULL DEFAULT FALSE,
    scopes              TEXT        NOT NULL DEFAULT 'items:read items:write',
    password_changed_at TIMESTAMPTZ,
    created_at          TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE UNIQUE INDEX users_email ON users (lower(email));

-- Items are read in the order of their ids, which are UUIDs of version 7:
-- that of their making.
CREATE TABLE items (
    id          TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id    TEXT        COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title       TEXT        NOT NULL,
    description TEXT,
    created_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX items_owner ON items (owner_id, id);

-- One row: whether it was decided if this database gets the demo accounts, and how.
CREATE TABLE installation (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    demo BOOLEAN
);
INSERT INTO installation (id) VALUES (1);

-- +goose Down
DROP TABLE installation;
DROP TABLE items;
DROP TABLE users;
