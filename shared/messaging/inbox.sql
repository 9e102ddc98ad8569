-- What a service was told and has to act on. One row an event, kept after it is done: that is how a second
-- delivery of the same event is known. Ids, types and positions only, and no row-level security: this is where a worker
-- looks which tenants have work for it. What it then reads and writes for one of them is bound to that tenant.

CREATE TABLE app.inbox (
    event_id uuid PRIMARY KEY,
    tenant uuid NOT NULL,
    source text NOT NULL,  -- the service whose log holds the event
    type text NOT NULL,
    stream text NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    received_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'dead')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error_code text
);

CREATE INDEX inbox_due ON app.inbox (next_attempt_at) WHERE state = 'pending';

-- Rows are never deleted by the service: they are how it knows what it has seen.
GRANT SELECT, INSERT, UPDATE ON app.inbox TO {service};
