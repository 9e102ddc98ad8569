-- What the witness saw of each log and cosigned: one chain of heads for each. A row has one row before it and at most
-- one behind it, so two histories that part ways cannot both be kept, whatever the service does. Rows are added, never
-- changed: the service may not forget what it vouched for.

CREATE TABLE app.witnessed (
    tenant uuid NOT NULL,
    log text NOT NULL CHECK (log ~ '^[a-z]{1,30}$'),  -- the service that keeps it
    size bigint NOT NULL CHECK (size >= 0),
    previous bigint CHECK (previous < size),  -- NULL: the first time that this log was seen
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,  -- as the log signed it: evidence, should it ever say something else
    witnessed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, log, size),
    UNIQUE NULLS NOT DISTINCT (tenant, log, previous),
    FOREIGN KEY (tenant, log, previous) REFERENCES app.witnessed (tenant, log, size)
);

GRANT SELECT, INSERT ON app.witnessed TO {service};
