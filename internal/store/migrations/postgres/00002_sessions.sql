-- +goose Up
-- A session is what one login began. It ends by being deleted.
CREATE TABLE sessions (
    id           TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
    user_id      TEXT        COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id    TEXT        COLLATE "C" NOT NULL,
    scopes       TEXT        NOT NULL,
    user_agent   TEXT        NOT NULL,
    address      TEXT        NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_client ON sessions (client_id);

-- All refresh tokens of a session, used ones too: whoever presents one of
-- these again is a thief or was robbed.
CREATE TABLE refresh_tokens (
    hash       TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
    session_id TEXT        COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    used_at    TIMESTAMPTZ
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- Access tokens that were revoked one by one, until they would have expired.
CREATE TABLE revoked_tokens (
    id         TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX revoked_tokens_expiry ON revoked_tokens (expires_at);

-- A client's subject is the sub of its own tokens. As a user's id it is random:
-- whoever registers the same id again is somebody else.
CREATE TABLE clients (
    id            TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
    subject       TEXT        COLLATE "C" NOT NULL UNIQUE DEFAULT replace(gen_random_uuid()::text, '-', ''),
    hashed_secret TEXT        NOT NULL,
    scopes        TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL
);

-- What every instance has to forget of what it remembers: the id of a user, a
-- session or a token. Triggers write it, so that no program and no person at a
-- database shell can forget to. A number that grows would not be in the order
-- of the commits, so each row says which transaction wrote it: a reader asks
-- for the transactions that its last snapshot did not see.
CREATE TABLE changes (
    xact    XID8        NOT NULL DEFAULT pg_current_xact_id(),
    subject TEXT        COLLATE "C" NOT NULL,
    made_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (xact, subject)
);

-- The search path is that of the migration: a person at a database shell may
-- have another one.
-- +goose StatementBegin
CREATE FUNCTION latchkey_changed() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO changes (subject) VALUES ('') ON CONFLICT DO NOTHING; -- forget all
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO changes (subject) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO changes (subject) VALUES (OLD.id) ON CONFLICT DO NOTHING;
    END IF;
    PERFORM pg_notify('latchkey_changes', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION latchkey_client_deleted() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM sessions WHERE client_id = OLD.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER users_changed AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION latchkey_changed();
CREATE TRIGGER users_deleted AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION latchkey_changed();
CREATE TRIGGER users_truncated AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION latchkey_changed();
CREATE TRIGGER sessions_ended AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION latchkey_changed();
CREATE TRIGGER sessions_changed AFTER UPDATE OF user_id, expires_at ON sessions FOR EACH ROW EXECUTE FUNCTION latchkey_changed();
CREATE TRIGGER sessions_truncated AFTER TRUNCATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION latchkey_changed();
CREATE TRIGGER tokens_revoked AFTER INSERT ON revoked_tokens FOR EACH ROW EXECUTE FUNCTION latchkey_changed();
CREATE TRIGGER clients_deleted AFTER DELETE ON clients FOR EACH ROW EXECUTE FUNCTION latchkey_client_deleted();

-- +goose Down
DROP TRIGGER users_changed ON users;
DROP TRIGGER users_deleted ON users;
DROP TRIGGER users_truncated ON users;
DROP TABLE changes;
DROP TABLE clients;
DROP TABLE revoked_tokens;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP FUNCTION latchkey_client_deleted();
DROP FUNCTION latchkey_changed();
