-- Wrapped keys: they have a backup and a retention of their own.

CREATE SCHEMA keyring;

CREATE TABLE keyring.tenant_keys (
    tenant uuid PRIMARY KEY,
    key_id uuid NOT NULL UNIQUE,
    subject text NOT NULL,
    wrapped_by text NOT NULL,  -- id of the KEK
    algorithm text NOT NULL,
    wrapped bytea NOT NULL,  -- empty once shredded
    created_at text NOT NULL,
    shredded_at text,
    CHECK ((octet_length(wrapped) = 0) = (shredded_at IS NOT NULL))
);

CREATE TABLE keyring.deks (
    tenant uuid NOT NULL REFERENCES keyring.tenant_keys,
    key_id uuid NOT NULL,
    subject text NOT NULL,
    wrapped_by text NOT NULL,  -- id of the tenant key
    algorithm text NOT NULL,
    wrapped bytea NOT NULL,
    created_at text NOT NULL,
    shredded_at text,
    PRIMARY KEY (tenant, key_id),
    UNIQUE (tenant, subject),  -- decides who wins when two transactions make a subject's first key
    CHECK ((octet_length(wrapped) = 0) = (shredded_at IS NOT NULL))
);
