-- The only ways to change a keyring. Run as the owner role; runs again when it changes.
-- SECURITY DEFINER: the service's role may execute these and may write to no table. Fixed search_path: a caller's cannot
-- redirect them. Each takes the tenant's turn first, so that what it then reads is what the one before committed.
--
-- Errors: TK001 a DEK is wrapped by a tenant key that is not the newest, TK002 the tenant has no key.

-- Say to every process which tenant's cached keys are out of date. Inside the change: it must not be lost when the
-- change commits, and keys change so rarely that the lock which a NOTIFY takes at the commit is no matter.
CREATE OR REPLACE FUNCTION keyring.announce(tenant uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
RETURN pg_notify('tallystick_keys', tenant::text);

-- Bind to the tenant (row-level security holds for the owner too) and wait for the lock of its keyring; return what the
-- session was bound to, for end_turn. The lock is held until the transaction ends.
CREATE OR REPLACE FUNCTION keyring.take_turn(tenant uuid) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bound_before CONSTANT text := log.bind(tenant);
BEGIN
    PERFORM FROM keyring.tenants t WHERE t.tenant = take_turn.tenant FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'tenant % has no key', tenant USING ERRCODE = 'TK002';
    END IF;
    RETURN bound_before;
END
$$;

-- Leave the session bound as it was.
CREATE OR REPLACE FUNCTION keyring.end_turn(bound_before text) RETURNS text
LANGUAGE sql SET search_path = pg_catalog, pg_temp
RETURN set_config('tallystick.tenant', bound_before, true);

CREATE OR REPLACE FUNCTION keyring.newest_reference(tenant uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT k.key_id || '/' || k.version FROM keyring.tenant_keys k
    WHERE k.tenant = newest_reference.tenant ORDER BY k.version DESC LIMIT 1
);

CREATE OR REPLACE FUNCTION keyring.require_newest(tenant uuid, wrapped_by text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF wrapped_by IS DISTINCT FROM keyring.newest_reference(tenant) THEN
        RAISE EXCEPTION '% is not the newest key of tenant %', wrapped_by, tenant USING ERRCODE = 'TK001';
    END IF;
END
$$;

-- Until the transaction ends no version of the KEK is destroyed: whoever adds a tenant key calls this before looking
-- which version wraps.
CREATE OR REPLACE FUNCTION keyring.keep_keks() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT pg_advisory_xact_lock_shared(hashtextextended('tallystick kek kept', 0));
END;

-- The versions of the KEK that tenant keys are wrapped by, of all tenants, and no other until the transaction ends.
-- Shredded keys have no bytes left that a version could open.
CREATE OR REPLACE FUNCTION keyring.keks_in_use() RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bound_before CONSTANT text := coalesce(current_setting('tallystick.tenant', true), '');
    each_tenant uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('tallystick kek kept', 0));
    FOR each_tenant IN SELECT t.tenant FROM keyring.tenants t LOOP
        PERFORM set_config('tallystick.tenant', each_tenant::text, true);
        RETURN QUERY SELECT DISTINCT k.wrapped_by FROM keyring.tenant_keys k
            WHERE k.tenant = each_tenant AND k.shredded_at IS NULL;
    END LOOP;
    PERFORM keyring.end_turn(bound_before);
END
$$;

-- Add the next version of the tenant key; any other version changes nothing: somebody was faster.
CREATE OR REPLACE FUNCTION keyring.add_tenant_key(
    tenant uuid, key_id uuid, subject text, version integer, wrapped_by text, algorithm text, wrapped bytea,
    created_at text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bound_before text;
BEGIN
    INSERT INTO keyring.tenants VALUES (add_tenant_key.tenant) ON CONFLICT DO NOTHING;
    bound_before := keyring.take_turn(add_tenant_key.tenant);
    INSERT INTO keyring.tenant_keys (tenant, key_id, subject, version, wrapped_by, algorithm, wrapped, created_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8
        WHERE $4 = 1 + (SELECT count(*) FROM keyring.tenant_keys k WHERE k.tenant = $1);
    IF FOUND AND add_tenant_key.version > 1 THEN
        PERFORM keyring.announce(add_tenant_key.tenant);
    END IF;
    PERFORM keyring.end_turn(bound_before);
END
$$;

-- Add the next version of a subject's DEK, wrapped by the tenant's newest key; nothing for a subject that was shredded.
CREATE OR REPLACE FUNCTION keyring.add_dek(
    tenant uuid, key_id uuid, subject text, version integer, wrapped_by text, algorithm text, wrapped bytea,
    created_at text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bound_before text;
BEGIN
    bound_before := keyring.take_turn(add_dek.tenant);
    PERFORM keyring.require_newest(add_dek.tenant, add_dek.wrapped_by);
    INSERT INTO keyring.deks (tenant, key_id, subject, version, wrapped_by, algorithm, wrapped, created_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8
        WHERE $4 = 1 + (SELECT count(*) FROM keyring.deks d WHERE d.tenant = $1 AND d.subject = $3)
          AND NOT EXISTS (SELECT FROM keyring.deks d
                          WHERE d.tenant = $1 AND d.subject = $3 AND d.shredded_at IS NOT NULL);
    IF FOUND AND add_dek.version > 1 THEN
        PERFORM keyring.announce(add_dek.tenant);
    END IF;
    PERFORM keyring.end_turn(bound_before);
END
$$;

-- Replace wrappings that are still as they were read, in keyring.deks or keyring.tenant_keys, which have these columns in
-- common; return how many were. Nobody but the two functions below may execute it, and they name the table themselves.
CREATE OR REPLACE FUNCTION keyring.rewrap(
    keys regclass, tenant uuid, key_ids uuid[], wrapped_before text[], wrapped_by text, wrapped bytea[]
) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bound_before CONSTANT text := keyring.take_turn(rewrap.tenant);
    changed integer;
BEGIN
    -- Looked at under the turn: the key that is newest now stays so until the transaction ends.
    IF keys = 'keyring.deks'::regclass THEN
        PERFORM keyring.require_newest(rewrap.tenant, rewrap.wrapped_by);
    END IF;
    EXECUTE format(
        'UPDATE %s k SET wrapped_by = $4, wrapped = new.wrapped'
        ' FROM unnest($2, $3, $5) AS new (key_id, wrapped_before, wrapped)'
        ' WHERE k.tenant = $1 AND k.key_id = new.key_id AND k.wrapped_by = new.wrapped_before'
        ' AND k.shredded_at IS NULL', keys
    ) USING rewrap.tenant, key_ids, wrapped_before, rewrap.wrapped_by, rewrap.wrapped;
    GET DIAGNOSTICS changed = ROW_COUNT;
    PERFORM keyring.end_turn(bound_before);
    RETURN changed;
END
$$;

-- The arrays are parallel, one element per DEK.
CREATE OR REPLACE FUNCTION keyring.rewrap_deks(
    tenant uuid, key_ids uuid[], wrapped_before text[], wrapped_by text, wrapped bytea[]
) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN keyring.rewrap('keyring.deks', tenant, key_ids, wrapped_before, wrapped_by, wrapped);

CREATE OR REPLACE FUNCTION keyring.rewrap_tenant_key(
    tenant uuid, key_id uuid, wrapped_before text, wrapped_by text, wrapped bytea
) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN keyring.rewrap(
    'keyring.tenant_keys', tenant, ARRAY[key_id], ARRAY[wrapped_before], wrapped_by, ARRAY[wrapped]
) = 1;

-- Shred the tenant keys before the newest one under which no DEK is left.
CREATE OR REPLACE FUNCTION keyring.retire_tenant_keys(tenant uuid, at text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bound_before text;
    retired integer;
BEGIN
    bound_before := keyring.take_turn(retire_tenant_keys.tenant);
    UPDATE keyring.tenant_keys k SET wrapped = '', shredded_at = retire_tenant_keys.at
        WHERE k.tenant = retire_tenant_keys.tenant AND k.shredded_at IS NULL
          AND k.key_id || '/' || k.version <> keyring.newest_reference(retire_tenant_keys.tenant)
          AND NOT EXISTS (SELECT FROM keyring.deks d
                          WHERE d.tenant = k.tenant AND d.wrapped_by = k.key_id || '/' || k.version
                            AND d.shredded_at IS NULL);
    GET DIAGNOSTICS retired = ROW_COUNT;
    PERFORM keyring.announce(retire_tenant_keys.tenant);
    PERFORM keyring.end_turn(bound_before);
    RETURN retired;
END
$$;

-- Destroy the wrapped bytes of all the subject's DEKs: the rows stay and say when.
CREATE OR REPLACE FUNCTION keyring.shred(tenant uuid, subject text, at text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bound_before text;
    destroyed integer;
BEGIN
    bound_before := keyring.take_turn(shred.tenant);
    UPDATE keyring.deks d SET wrapped = '', shredded_at = shred.at
        WHERE d.tenant = shred.tenant AND d.subject = shred.subject AND d.shredded_at IS NULL;
    GET DIAGNOSTICS destroyed = ROW_COUNT;
    PERFORM keyring.announce(shred.tenant);
    PERFORM keyring.end_turn(bound_before);
    RETURN destroyed;
END
$$;

GRANT SELECT ON keyring.tenants, keyring.tenant_keys, keyring.deks TO {service};
GRANT EXECUTE ON FUNCTION
    keyring.add_tenant_key(uuid, uuid, text, integer, text, text, bytea, text),
    keyring.add_dek(uuid, uuid, text, integer, text, text, bytea, text),
    keyring.rewrap_deks(uuid, uuid[], text[], text, bytea[]),
    keyring.rewrap_tenant_key(uuid, uuid, text, text, bytea),
    keyring.retire_tenant_keys(uuid, text),
    keyring.shred(uuid, text, text),
    keyring.keep_keks(),
    keyring.keks_in_use(),
    keyring.newest_reference(uuid)
TO {service};
