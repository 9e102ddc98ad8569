-- How far the log was published.

CREATE SCHEMA relay;

CREATE TABLE relay.checkpoints (
    tenant uuid PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0)  -- the last event that the broker confirmed
) WITH (fillfactor = 50);
