-- What auth keeps besides its log.

-- Used up TOTP steps. Not a read model: the decision which of two racing codes wins is made here.
CREATE TABLE app.code_uses (
    tenant uuid NOT NULL,
    user_id uuid NOT NULL,
    last_step bigint NOT NULL,               -- the newest accepted step, -1 before the first
    attempts integer NOT NULL,               -- codes tried since the last accepted one, within the window
    window_began timestamptz NOT NULL,
    PRIMARY KEY (tenant, user_id)
);

-- Assertions of services that were redeemed and have not expired yet.
CREATE TABLE app.assertions (
    used bytea PRIMARY KEY CHECK (octet_length(used) = 32),  -- SHA-256 of service and jti
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON app.assertions (expires_at);

GRANT SELECT, INSERT, UPDATE ON app.code_uses TO {service};
GRANT SELECT, INSERT, DELETE ON app.assertions TO {service};
