-- The newest sign counter of each passkey. Not a read model: which of two racing answers wins is decided here.
CREATE TABLE app.passkey_counters (
    tenant uuid NOT NULL,
    factor_id uuid NOT NULL,
    sign_count bigint NOT NULL CHECK (sign_count >= 0),            -- 0 for an authenticator that does not count
    challenge bytea NOT NULL CHECK (octet_length(challenge) = 32), -- the one that was answered last
    PRIMARY KEY (tenant, factor_id)
);

GRANT SELECT, INSERT, UPDATE ON app.passkey_counters TO {service};
