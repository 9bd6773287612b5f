-- +goose Up
-- A row that names only username, email, full_name, hashed_password and
-- disabled is a working user: every other column has a default.
CREATE TABLE users (
    id                  TEXT      NOT NULL PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))),
    username            TEXT      NOT NULL CHECK (username <> ''),
    email               TEXT               CHECK (email <> ''),
    full_name           TEXT,
    hashed_password     TEXT      NOT NULL,
    disabled            BOOLEAN   NOT NULL DEFAULT FALSE CHECK (disabled IN (FALSE, TRUE)),
    scopes              TEXT      NOT NULL DEFAULT 'items:read items:write',
    password_changed_at TIMESTAMP,
    created_at          TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at          TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE UNIQUE INDEX users_email ON users (lower(email));

-- Items are read in the order of their ids, which are UUIDs of version 7:
-- that of their making.
CREATE TABLE items (
    id          TEXT      NOT NULL PRIMARY KEY,
    owner_id    TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title       TEXT      NOT NULL,
    description TEXT,
    created_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL
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
