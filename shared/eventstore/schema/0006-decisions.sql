-- Decisions about calls on their way to the tenant's log in auth: every denial, and every use of a sensitive endpoint.
-- Ids, names of methods and permissions, public codes and counts; nothing that was sent or said.
-- What the same person does the same way within a minute is one row, so that a flood stays a trickle in the log.
CREATE TABLE app.decisions (
    tenant uuid NOT NULL,
    minute timestamptz NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('person', 'service')),
    actor text NOT NULL,
    session text NOT NULL,                    -- id of the session, empty for a service
    method text NOT NULL,                     -- e.g. invoices.issue_invoice
    outcome text NOT NULL CHECK (outcome IN ('denied', 'granted')),
    permission text NOT NULL,
    reasons text NOT NULL,                    -- public codes, separated by spaces
    factors text NOT NULL,                    -- RFC 8176, separated by spaces
    id uuid NOT NULL UNIQUE,
    count bigint NOT NULL CHECK (count > 0),
    told bigint NOT NULL DEFAULT 0 CHECK (told >= 0),        -- how many of them auth has recorded
    telling bigint NOT NULL DEFAULT 0 CHECK (telling >= 0),  -- how many are on their way: fixed before they leave
    PRIMARY KEY (tenant, minute, actor_kind, actor, session, method, outcome, permission, reasons)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON app.decisions TO {service};
