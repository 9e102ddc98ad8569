-- Read models: disposable, replayed from the log. There are two copies of every table. One is live; a rebuild fills the
-- other and swaps, so that nobody waits for it. A service's own tables are in its schema/read.sql, which runs for both.

CREATE SCHEMA read_a;
CREATE SCHEMA read_b;

CREATE TABLE read_a.projection_checkpoints (
    projection text NOT NULL,
    tenant uuid NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),  -- the last event that this copy holds
    PRIMARY KEY (projection, tenant)
) WITH (fillfactor = 50);
CREATE TABLE read_b.projection_checkpoints (LIKE read_a.projection_checkpoints INCLUDING ALL) WITH (fillfactor = 50);

-- What is true of both copies.
CREATE SCHEMA read;

-- A projection without a row was never rebuilt, and read_a is live.
CREATE TABLE read.projections (
    projection text PRIMARY KEY,
    live text NOT NULL CHECK (live IN ('read_a', 'read_b')),
    generation bigint NOT NULL CHECK (generation >= 0)  -- rebuilds begun: an earlier one may not write any more
);

-- Where a projection stopped at an event that it cannot apply. Ids, a place and the kind of error; no content.
CREATE TABLE read.halted (
    projection text NOT NULL,
    tenant uuid NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    kind text NOT NULL,
    at timestamptz NOT NULL,                             -- when it stopped here
    attempts integer NOT NULL CHECK (attempts >= 1),
    retry_at timestamptz NOT NULL,
    PRIMARY KEY (projection, tenant)
);

-- States of long streams, sealed: a fold begins there instead of at the first event. Never believed over the log.
CREATE TABLE read.snapshots (
    tenant uuid NOT NULL,
    stream text NOT NULL,
    fold text NOT NULL,
    schema integer NOT NULL CHECK (schema >= 1),    -- of the fold
    version bigint NOT NULL CHECK (version >= 1),   -- of the last event that it holds
    key uuid NOT NULL,                              -- the DEK of that event
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, stream, fold)
);
