-- Read models, made once in each copy.

-- Who claimed an address; the address itself is not here, only its keyed hash.
CREATE TABLE addresses (
    tenant uuid NOT NULL,
    address_index bytea NOT NULL CHECK (octet_length(address_index) = 16),
    user_id uuid NOT NULL,
    PRIMARY KEY (tenant, address_index)
);

-- Sessions that have not ended, by user. When they end by themselves is in the log; `ends_at` is the latest.
CREATE TABLE sessions (
    tenant uuid NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, session_id)
);
CREATE INDEX ON sessions (tenant, user_id);

-- Whose tokens are refused: those that say less than `position` of the log was known when they were made.
CREATE TABLE revocations (
    tenant uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('session', 'user', 'role', 'tenant')),
    subject text NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    at timestamptz NOT NULL,                 -- of the event
    PRIMARY KEY (tenant, kind, subject)
);
CREATE INDEX ON revocations (at);
