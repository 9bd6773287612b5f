-- +goose Up
-- A session is what one login began. It ends by being deleted.
CREATE TABLE sessions (
    id           TEXT      NOT NULL PRIMARY KEY,
    user_id      TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id    TEXT      NOT NULL,
    scopes       TEXT      NOT NULL,
    user_agent   TEXT      NOT NULL,
    address      TEXT      NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- All refresh tokens of a session, used ones too: whoever presents one of
-- these again is a thief or was robbed.
CREATE TABLE refresh_tokens (
    hash       TEXT      NOT NULL PRIMARY KEY,
    session_id TEXT      NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    used_at    TIMESTAMP
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- Access tokens that were revoked one by one, until they would have expired.
CREATE TABLE revoked_tokens (
    id         TEXT      NOT NULL PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX revoked_tokens_expiry ON revoked_tokens (expires_at);

-- A client's subject is the sub of its own tokens. As a user's id it is random:
-- whoever registers the same id again is somebody else.
CREATE TABLE clients (
    id            TEXT      NOT NULL PRIMARY KEY,
    subject       TEXT      NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))),
    hashed_secret TEXT      NOT NULL,
    scopes        TEXT      NOT NULL,
    created_at    TIMESTAMP NOT NULL
);

-- What every instance has to forget of what it remembers: the id of a user, a
-- session or a token. Triggers write it, so that no program and no person at a
-- database shell can forget to.
CREATE TABLE changes (
    id      INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    subject TEXT      NOT NULL,
    made_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX changes_made ON changes (made_at);

-- +goose StatementBegin
CREATE TRIGGER users_changed AFTER UPDATE ON users BEGIN
    INSERT INTO changes (subject) VALUES (OLD.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN
    INSERT INTO changes (subject) VALUES (OLD.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sessions_ended AFTER DELETE ON sessions BEGIN
    INSERT INTO changes (subject) VALUES (OLD.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sessions_changed AFTER UPDATE OF user_id, expires_at ON sessions BEGIN
    INSERT INTO changes (subject) VALUES (OLD.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tokens_revoked AFTER INSERT ON revoked_tokens BEGIN
    INSERT INTO changes (subject) VALUES (NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER clients_deleted AFTER DELETE ON clients BEGIN
    DELETE FROM sessions WHERE client_id = OLD.id;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER users_changed;
DROP TRIGGER users_deleted;
DROP TABLE changes;
DROP TABLE clients;
DROP TABLE revoked_tokens;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
