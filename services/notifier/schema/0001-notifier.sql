-- What the notifier must keep: one row per event that somebody is told about. No recipient, no content.

CREATE TABLE app.deliveries (
    event_id uuid PRIMARY KEY,  -- one delivery per event, whatever arrives how often
    tenant uuid NOT NULL,
    message_id text NOT NULL UNIQUE,  -- of the mail, the same for every attempt
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'unknown', 'failed')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    digest bytea CHECK (octet_length(digest) = 32),  -- SHA-256 of the attached document
    last_reply integer,  -- SMTP reply code of the last attempt
    created_at timestamptz NOT NULL DEFAULT now(),
    began_at timestamptz,  -- the last attempt
    ended_at timestamptz,
    CHECK ((ended_at IS NOT NULL) = (state IN ('sent', 'unknown', 'failed')))
);

CREATE INDEX deliveries_by_tenant ON app.deliveries (tenant, state);
CREATE INDEX deliveries_in_flight ON app.deliveries (state) WHERE state = 'sending';

-- Deliveries are never deleted: the row is what keeps a second mail from being sent.
GRANT SELECT, INSERT, UPDATE ON app.deliveries TO {service};
