-- The one way into the log. Run as the owner role; runs again when it or a step changes.
-- What a service may call has a fixed search_path, so that the caller's cannot redirect it; other functions are called
-- from there and inherit it, or have a body that was parsed when they were made.

-- Take the tenant's lock, held to the commit, and return the head. Whoever waited here sees what the other committed: in
-- READ COMMITTED every later statement takes a new snapshot, and in stricter levels this one fails instead.
CREATE OR REPLACE FUNCTION log.lock_head(log_tenant uuid) RETURNS log.heads LANGUAGE plpgsql AS $$
DECLARE
    head log.heads;
BEGIN
    SELECT * INTO head FROM log.heads h WHERE h.tenant = log_tenant FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO log.heads VALUES (log_tenant, 0, '{}') ON CONFLICT (tenant) DO NOTHING;
        SELECT * INTO STRICT head FROM log.heads h WHERE h.tenant = log_tenant FOR UPDATE;
    END IF;
    RETURN head;
END
$$;

-- Return where an earlier run of a command landed, NULLs when there was none. Error TS002: it was another request.
CREATE OR REPLACE FUNCTION log.earlier_run(
    log_tenant uuid, command_key text, command_hash bytea, OUT first bigint, OUT last bigint
) LANGUAGE plpgsql AS $$
DECLARE
    earlier log.commands;
BEGIN
    SELECT * INTO earlier FROM log.commands c WHERE c.tenant = log_tenant AND c.key = command_key;
    IF earlier.request_hash <> command_hash THEN
        RAISE EXCEPTION 'idempotency key used before for a different request' USING ERRCODE = 'TS002';
    END IF;
    first := earlier.first;
    last := earlier.last;
END
$$;

-- What follows are the two ways in: log.append_one for one event, which most commands make, and log.append for a batch
-- over several streams. Each is all or nothing and one round trip. Positions and versions are counted here, so neither
-- can have a gap or be asked for. A command key of NULL: no command, every call appends.
--
-- SECURITY DEFINER: the service's role may execute these and may not INSERT. They take the owner's rights, and the
-- owner can do nothing but what the tables' triggers leave.
--
-- `frontier` is the tree as the append found it (log.heads), and `leaf` the hash of the first event, which is all that
-- its receipt is made of; both NULL when nothing was appended or, for one event, when there is no command to answer.
--
-- Errors: TS001 version conflict (detail: JSON stream, expected, actual), TS002 idempotency key used for another
-- request, TS003 a batch that is not well formed, 23514 a value that is not canonical, 42501 a session that is bound to
-- another tenant.

-- `expected` says at which version the stream must be before the append (0: not there).
CREATE OR REPLACE FUNCTION log.append_one(
    log_tenant uuid, command_key text, command_hash log.hash, in_stream log.stream_name, expected log.ordinal,
    event_id uuid, event_type log.type_name, event_schema log.schema_number, event_at log.moment, event_key uuid,
    event_digest log.hash, event_sealed bytea,
    OUT first bigint, OUT last bigint, OUT replayed boolean, OUT leaf bytea, OUT frontier bytea[]
) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan  -- else every call plans anew for its tenant's partition: twice the time
AS $$
DECLARE
    bound_before text := log.bind(log_tenant);
    next_position log.ordinal := 0;
    next_version CONSTANT log.ordinal := expected + 1;
    -- The entry does not hold the position, so it is hashed before the lock is taken.
    hashed CONSTANT log.hash := log.leaf_hash(log.entry(
        event_at, event_digest, event_id, event_key, event_schema, event_sealed, in_stream, log_tenant, event_type,
        next_version));
    head log.heads;
    actual bigint;
BEGIN
    -- A retried command gets its first answer, also when its stream has moved on since: so before the version.
    IF command_key IS NOT NULL THEN
        head := log.lock_head(log_tenant);
        SELECT e.first, e.last INTO first, last FROM log.earlier_run(log_tenant, command_key, command_hash) e;
    END IF;
    replayed := first IS NOT NULL;

    IF NOT replayed THEN
        -- The tenant's lock, as in log.lock_head: whoever waited here grows the tree that the other left.
        UPDATE log.heads h SET size = h.size + 1, frontier = log.push(h.size, h.frontier, ARRAY[hashed])
        WHERE h.tenant = log_tenant RETURNING h.size - 1 INTO next_position;
        IF NOT FOUND THEN
            PERFORM log.lock_head(log_tenant);
            UPDATE log.heads h SET size = h.size + 1, frontier = log.push(h.size, h.frontier, ARRAY[hashed])
            WHERE h.tenant = log_tenant RETURNING h.size - 1 INTO STRICT next_position;
        END IF;

        SELECT v.version INTO actual FROM log.events v WHERE v.tenant = log_tenant AND v.stream = in_stream
        ORDER BY v.version DESC LIMIT 1;
        IF coalesce(actual, 0) <> expected THEN
            RAISE EXCEPTION 'a stream is not at the expected version' USING ERRCODE = 'TS001',
                DETAIL = json_build_object('stream', in_stream, 'expected', expected, 'actual', coalesce(actual, 0));
        END IF;

        INSERT INTO log.events (tenant, position, version, id, key, schema, stream, type, at, digest, leaf_hash, sealed)
        VALUES (log_tenant, next_position, next_version, event_id, event_key, event_schema, in_stream, event_type,
                event_at, event_digest, hashed, event_sealed);
        IF next_position % 256 = 255 THEN
            PERFORM log.write_tile(log_tenant, 0, next_position / 256);
        END IF;
        IF command_key IS NOT NULL THEN
            INSERT INTO log.commands VALUES (log_tenant, command_key, command_hash, next_position, next_position);
            leaf := hashed;
            frontier := head.frontier;
        END IF;
        first := next_position;
        last := next_position;
    END IF;
    -- An assignment: PERFORM, which is a query, takes four times as long.
    bound_before := set_config('tallystick.tenant', bound_before, true);
END
$$;

-- The arrays are parallel, one element per event, in order; expected_streams and expected_versions say at which version
-- each stream must be before the append (0: not there).
CREATE OR REPLACE FUNCTION log.append(
    log_tenant uuid, command_key text, command_hash log.hash, expected_streams text[], expected_versions bigint[],
    streams text[], ids uuid[], types text[], schemas integer[], ats text[], keys uuid[], digests bytea[],
    payloads bytea[],
    OUT first bigint, OUT last bigint, OUT replayed boolean, OUT leaf bytea, OUT frontier bytea[]
) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan  -- as above
AS $$
DECLARE
    bound_before text := log.bind(log_tenant);
    head log.heads;
    conflict record;
    leaves bytea[];
BEGIN
    head := log.lock_head(log_tenant);

    IF command_key IS NOT NULL THEN
        SELECT e.first, e.last INTO first, last FROM log.earlier_run(log_tenant, command_key, command_hash) e;
    END IF;
    replayed := first IS NOT NULL;

    IF NOT replayed THEN
        SELECT e.stream, e.version AS expected, coalesce(latest.version, 0) AS actual INTO conflict
        FROM unnest(expected_streams, expected_versions) AS e(stream, version)
        LEFT JOIN LATERAL (
            SELECT v.version FROM log.events v WHERE v.tenant = log_tenant AND v.stream = e.stream
            ORDER BY v.version DESC LIMIT 1
        ) AS latest ON true
        WHERE e.version IS DISTINCT FROM coalesce(latest.version, 0)
        ORDER BY e.stream LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'a stream is not at the expected version'
                USING ERRCODE = 'TS001', DETAIL = to_json(conflict);
        END IF;

        WITH batch AS (
            SELECT head.size + ordinality - 1 AS position,
                   expected.version + row_number() OVER (PARTITION BY stream ORDER BY ordinality) AS version,
                   stream, id, type, schema, at, key, digest, sealed
            FROM unnest(streams, ids, types, schemas, ats, keys, digests, payloads)
                WITH ORDINALITY AS e(stream, id, type, schema, at, key, digest, sealed, ordinality)
            JOIN unnest(expected_streams, expected_versions) AS expected(stream, version) USING (stream)
        ), inserted AS (
            INSERT INTO log.events
                (tenant, position, version, id, key, schema, stream, type, at, digest, leaf_hash, sealed)
            SELECT log_tenant, position, version, id, key, schema, stream, type, at, digest,
                   log.leaf_hash(log.entry(at, digest, id, key, schema, sealed, stream, log_tenant, type, version)),
                   sealed
            FROM batch
            RETURNING events.position, events.leaf_hash
        )
        SELECT array_agg(inserted.leaf_hash ORDER BY inserted.position) INTO leaves FROM inserted;
        -- Fewer rows than events: a stream without an expected version; more: one named twice.
        IF leaves IS NULL OR cardinality(leaves) <> cardinality(streams) THEN
            RAISE EXCEPTION 'every event needs its stream''s expected version, once' USING ERRCODE = 'TS003';
        END IF;

        leaf := leaves[1];
        frontier := head.frontier;
        first := head.size;
        last := head.size + cardinality(leaves) - 1;
        UPDATE log.heads h SET size = append.last + 1, frontier = log.push(head.size, head.frontier, leaves)
        WHERE h.tenant = log_tenant;
        FOR tile IN first / 256 .. (last + 1) / 256 - 1 LOOP
            PERFORM log.write_tile(log_tenant, 0, tile);
        END LOOP;
        IF command_key IS NOT NULL THEN
            INSERT INTO log.commands VALUES (log_tenant, command_key, command_hash, first, last);
        END IF;
    END IF;
    bound_before := set_config('tallystick.tenant', bound_before, true);
END
$$;

-- Keep a signed checkpoint and return the one that is kept: the first one for a size stays. Through a function, so that a
-- stolen service password cannot put one there for a tree that never was. Error TS004: the log does not reach that far.
CREATE OR REPLACE FUNCTION log.keep_checkpoint(log_tenant uuid, tree_size bigint, signed_note text, OUT kept text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bound_before CONSTANT text := log.bind(log_tenant);
BEGIN
    IF tree_size > coalesce((SELECT h.size FROM log.heads h WHERE h.tenant = log_tenant), 0) THEN
        RAISE EXCEPTION 'the log does not reach that far' USING ERRCODE = 'TS004';
    END IF;
    INSERT INTO log.checkpoints (tenant, size, note) VALUES (log_tenant, tree_size, signed_note)
    ON CONFLICT (tenant, size) DO NOTHING;
    -- A statement of its own: in one, a note that another call keeps at this moment would not be seen.
    SELECT c.note INTO STRICT kept FROM log.checkpoints c WHERE c.tenant = log_tenant AND c.size = tree_size;
    PERFORM set_config('tallystick.tenant', bound_before, true);
END
$$;
