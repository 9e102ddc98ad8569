-- Accounts with several factors, and how failures slow down whoever makes them.

-- Each authenticator app has steps of its own; attempts are counted in app.throttle.
ALTER TABLE app.code_uses RENAME COLUMN user_id TO factor_id;
ALTER TABLE app.code_uses DROP COLUMN attempts, DROP COLUMN window_began;

-- Failures in a row of an account (known or not), and of a source. Without a tenant: a row for an address that nobody
-- has, in a business that does not exist, is like any other, and the key tells neither.
CREATE TABLE app.throttle (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),  -- keyed hash of what is counted
    failures integer NOT NULL CHECK (failures >= 0),
    open_at timestamptz NOT NULL,                          -- no attempt is judged before
    last_at timestamptz NOT NULL                           -- when the last attempt was counted
);
CREATE INDEX ON app.throttle (last_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON app.throttle TO {service};
