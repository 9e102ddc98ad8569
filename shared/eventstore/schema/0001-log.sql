-- The log: what happened, append-only. A step runs once in every service's database, as the owner role, which never
-- logs in; later changes are steps of their own.
-- The database has encoding UTF8 and locale C: text compares by bytes and a regular expression's [a-z] is ASCII.

-- For objects made from here on: PostgreSQL would give EXECUTE on functions and USAGE on types to PUBLIC.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

CREATE SCHEMA log;

-- The state of each tenant's tree. Its row is the tenant's lock: an append holds it until it commits, so positions
-- are in commit order, a rollback leaves no hole, and a reader never has to guess whether a gap will fill.
CREATE TABLE log.heads (
    tenant uuid PRIMARY KEY,
    size bigint NOT NULL CHECK (size >= 0),
    frontier bytea[] NOT NULL  -- roots of the complete subtrees, largest first (RFC 6962)
) WITH (fillfactor = 50);  -- room for the next version of a row on its page

-- These types keep the log entry canonical: no value can need an escape in JSON. As types, not as checks of the table,
-- they hold for parameters too, and are not set up anew by every insert.
CREATE DOMAIN log.stream_name AS text CHECK (VALUE ~ '^[a-z][a-z0-9_-]*$' AND octet_length(VALUE) <= 128);
CREATE DOMAIN log.type_name AS text CHECK (VALUE ~ '^[A-Z][A-Za-z0-9]*$' AND octet_length(VALUE) <= 100);
CREATE DOMAIN log.moment AS text
    CHECK (translate(VALUE, '0123456789', '0000000000') = '0000-00-00T00:00:00.000000Z');
CREATE DOMAIN log.ordinal AS bigint CHECK (VALUE >= 0);
CREATE DOMAIN log.schema_number AS integer CHECK (VALUE >= 1);
CREATE DOMAIN log.hash AS bytea CHECK (octet_length(VALUE) = 32);

CREATE TABLE log.events (
    tenant uuid NOT NULL,
    position log.ordinal NOT NULL,
    version log.ordinal NOT NULL,
    id uuid NOT NULL,
    key uuid NOT NULL,  -- the DEK that sealed the payload
    schema log.schema_number NOT NULL,
    stream log.stream_name NOT NULL,
    type log.type_name NOT NULL,
    at log.moment NOT NULL,
    digest log.hash,
    leaf_hash log.hash NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, position),
    UNIQUE (tenant, stream, version),
    UNIQUE (tenant, id)
) PARTITION BY HASH (tenant);

-- Ciphertext does not compress: do not let the server try.
ALTER TABLE log.events ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE log.commands (
    tenant uuid NOT NULL,
    key text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 200),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    first bigint NOT NULL,
    last bigint NOT NULL CHECK (last >= first),
    PRIMARY KEY (tenant, key)
) PARTITION BY HASH (tenant);

CREATE TABLE log.checkpoints (
    tenant uuid NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    note text NOT NULL,
    PRIMARY KEY (tenant, size)
);

-- The tree's full tiles, 256 hashes each (docs/formats.md): proofs and checks read them instead of events. A tile that
-- is not full yet is not here: its hashes are those of its events, or the roots of the tiles below it.
CREATE TABLE log.tiles (
    tenant uuid NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    root bytea NOT NULL CHECK (octet_length(root) = 32),  -- of the 256 hashes: one hash of the level above
    -- Level 0 only: the latest `at` of all events up to the tile's end. It never goes down, whatever the clocks did,
    -- so the events of a moment are found through it.
    latest text CHECK ((level = 0) = (latest IS NOT NULL)),
    PRIMARY KEY (tenant, level, index)
) PARTITION BY HASH (tenant);
CREATE INDEX tiles_by_moment ON log.tiles (tenant, latest, index) WHERE level = 0;
ALTER TABLE log.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes do not compress either

-- Privileges stop the services; these triggers stop whoever holds more than a service does, by accident or in haste.
-- They do not stop a superuser who means it (he can drop them): the signed checkpoints and the witness show that.
CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

DO $$
DECLARE
    partitions CONSTANT integer := 8;
    parent text;
    append_only text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['events', 'commands', 'tiles'] LOOP
        FOR remainder IN 0 .. partitions - 1 LOOP
            EXECUTE format('CREATE TABLE log.%I PARTITION OF log.%I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
                           parent || '_' || remainder, parent, partitions, remainder);
        END LOOP;
    END LOOP;
    -- On every partition too: a statement that names a partition does not fire its parent's statement triggers.
    FOR append_only IN SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = 'log'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'heads'
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
                        FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change()', append_only);
        -- ALWAYS: session_replication_role = replica does not switch it off.
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', append_only);
    END LOOP;
END
$$;

CREATE TRIGGER only_grows BEFORE UPDATE ON log.heads FOR EACH ROW
    WHEN (NEW.size <= OLD.size OR NEW.tenant <> OLD.tenant) EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON log.heads
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE log.heads ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE log.heads ENABLE ALWAYS TRIGGER append_only;
