-- Wrapped keys: they have a backup and a retention of their own. Rows are written by the functions in keyring.sql only.

CREATE SCHEMA keyring;

-- Which tenants have keys: ids only, so that a rotation finds its work. A tenant's row is the lock of its keyring: every
-- change holds it until it commits, so that a new DEK, a rotation and a shredding never overlook one another.
CREATE TABLE keyring.tenants (
    tenant uuid PRIMARY KEY
);

CREATE TABLE keyring.tenant_keys (
    tenant uuid NOT NULL REFERENCES keyring.tenants,
    key_id uuid NOT NULL,
    subject text NOT NULL CHECK (subject = 'tenant-key'),
    version integer NOT NULL CHECK (version >= 1),
    wrapped_by text NOT NULL,  -- the version of the KEK: <id>/<version>
    algorithm text NOT NULL,
    wrapped bytea NOT NULL,  -- empty once shredded
    created_at text NOT NULL,
    shredded_at text,
    PRIMARY KEY (tenant, key_id),
    UNIQUE (tenant, version),
    CHECK ((octet_length(wrapped) = 0) = (shredded_at IS NOT NULL))
);

CREATE TABLE keyring.deks (
    tenant uuid NOT NULL REFERENCES keyring.tenants,
    key_id uuid NOT NULL,
    subject text NOT NULL CHECK (subject <> 'tenant-key'),
    version integer NOT NULL CHECK (version >= 1),
    wrapped_by text NOT NULL,  -- the version of the tenant key: <key_id>/<version>
    algorithm text NOT NULL,
    wrapped bytea NOT NULL,
    created_at text NOT NULL,
    shredded_at text,
    PRIMARY KEY (tenant, key_id),
    UNIQUE (tenant, subject, version),
    CHECK ((octet_length(wrapped) = 0) = (shredded_at IS NOT NULL))
);

-- How many DEKs a rotation still has to wrap again is asked often and is mostly none.
CREATE INDEX ON keyring.deks (tenant, wrapped_by) WHERE shredded_at IS NULL;

-- What privileges forget, triggers refuse: no key is ever deleted, no shredded one comes back, and of a live one
-- nothing changes but its wrapping.
CREATE FUNCTION keyring.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%.%: % of a key refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['tenants', 'tenant_keys', 'deks'] LOOP
        EXECUTE format('CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON keyring.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION keyring.refuse_change()', kept);
        EXECUTE format('ALTER TABLE keyring.%I ENABLE ALWAYS TRIGGER never_deleted', kept);
    END LOOP;
    FOREACH kept IN ARRAY ARRAY['tenant_keys', 'deks'] LOOP
        EXECUTE format(
            'CREATE TRIGGER only_wrapping_changes BEFORE UPDATE ON keyring.%I FOR EACH ROW
                 WHEN (OLD.shredded_at IS NOT NULL
                       OR (NEW.tenant, NEW.key_id, NEW.subject, NEW.version, NEW.created_at)
                          IS DISTINCT FROM (OLD.tenant, OLD.key_id, OLD.subject, OLD.version, OLD.created_at))
                 EXECUTE FUNCTION keyring.refuse_change()', kept);
        EXECUTE format('ALTER TABLE keyring.%I ENABLE ALWAYS TRIGGER only_wrapping_changes', kept);
    END LOOP;
END
$$;
