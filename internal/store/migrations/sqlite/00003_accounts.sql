-- +goose Up
-- The name by which a username is found and is unique: without regard to case,
-- in one of its Unicode forms. Null where somebody at a database shell added
-- the user: then it is the username in lower case.
ALTER TABLE users ADD COLUMN folded_username TEXT CHECK (folded_username <> '');
-- Null as long as nobody has proved that mail to the address arrives.
ALTER TABLE users ADD COLUMN email_verified_at TIMESTAMP;
-- The address that takes the email's place once somebody has proved that.
ALTER TABLE users ADD COLUMN pending_email TEXT CHECK (pending_email <> '');

DROP INDEX users_username;
CREATE UNIQUE INDEX users_username ON users (COALESCE(folded_username, lower(username)));
-- A search reads all of it, and of the table only the users that it finds.
CREATE INDEX users_search ON users (COALESCE(folded_username, lower(username)), lower(email), lower(full_name));
-- Those who can administer the others: there is always one.
CREATE INDEX users_administrators ON users (id) WHERE NOT disabled AND ' ' || scopes || ' ' LIKE '% users:write %';

-- What a mail proves, once: hashes of the tokens in links. Which address a
-- token went to is part of it.
CREATE TABLE mail_tokens (
    hash       TEXT      NOT NULL PRIMARY KEY,
    user_id    TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    TEXT      NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
    email      TEXT      NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX mail_tokens_user ON mail_tokens (user_id, purpose);
CREATE INDEX mail_tokens_expiry ON mail_tokens (expires_at);

-- Mails that are to be sent. They have no text yet, and no token: these are
-- made when it is their turn. Nor is it known of a recovery whether there is
-- such a user.
CREATE TABLE mails (
    id         TEXT      NOT NULL PRIMARY KEY,
    kind       TEXT      NOT NULL,
    recipient  TEXT      NOT NULL,
    user_id    TEXT      REFERENCES users (id) ON DELETE CASCADE,
    attempts   INTEGER   NOT NULL DEFAULT 0,
    due_at     TIMESTAMP NOT NULL, -- while it is being sent: when another instance may take over
    created_at TIMESTAMP NOT NULL,
    address    TEXT      NOT NULL, -- from where it was asked for
    user_agent TEXT      NOT NULL
);
CREATE INDEX mails_due ON mails (due_at);

-- Attempts that count against a limit, by a hash of what is limited.
CREATE TABLE attempts (
    key           TEXT      NOT NULL PRIMARY KEY,
    count         INTEGER   NOT NULL,
    blocked_until TIMESTAMP NOT NULL,
    expires_at    TIMESTAMP NOT NULL -- when the count is forgotten
);
CREATE INDEX attempts_expiry ON attempts (expires_at);

-- Who did what to which account, when and from where. Names and ids stay when
-- their users go.
CREATE TABLE events (
    id         TEXT      NOT NULL PRIMARY KEY, -- a UUID of version 7: in the order of the events
    at         TIMESTAMP NOT NULL,
    kind       TEXT      NOT NULL,
    user_id    TEXT,
    username   TEXT,
    actor_id   TEXT,
    actor      TEXT,
    session_id TEXT,
    client_id  TEXT,
    address    TEXT      NOT NULL,
    user_agent TEXT      NOT NULL,
    detail     TEXT
);
CREATE INDEX events_user ON events (user_id, id);
CREATE INDEX events_username ON events (lower(username), id);
CREATE INDEX events_kind ON events (kind, id);
-- From where a user has logged in: it is asked while guesses are refused, each of which may have left an event.
CREATE INDEX events_logins ON events (user_id, address) WHERE kind IN ('login', 'password_reset');
CREATE INDEX events_at ON events (at);

-- +goose Down
DROP TABLE events;
DROP TABLE attempts;
DROP TABLE mails;
DROP TABLE mail_tokens;
DROP INDEX users_administrators;
DROP INDEX users_search;
DROP INDEX users_username;
ALTER TABLE users DROP COLUMN pending_email;
ALTER TABLE users DROP COLUMN email_verified_at;
ALTER TABLE users DROP COLUMN folded_username;
CREATE UNIQUE INDEX users_username ON users (lower(username));
