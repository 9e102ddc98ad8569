-- Read models: disposable, replayed from the log.

CREATE SCHEMA read;

CREATE TABLE read.projection_checkpoints (
    projection text NOT NULL,
    tenant uuid NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),  -- the last event that the read model holds
    PRIMARY KEY (projection, tenant)
) WITH (fillfactor = 50);
