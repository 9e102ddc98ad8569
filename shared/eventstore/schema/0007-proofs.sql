-- Step-up proofs that were used for a query and have not expired yet. A command needs no row: its idempotency key is in
-- what is proved.
CREATE TABLE app.proofs_used (
    used bytea PRIMARY KEY CHECK (octet_length(used) = 32),  -- SHA-256 of the proof's id
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON app.proofs_used (expires_at);

GRANT SELECT, INSERT, DELETE ON app.proofs_used TO {service};
