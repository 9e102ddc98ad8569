-- The one way into the log. Run as the owner role; runs again when it changes.
-- Every function has a body parsed at creation or a fixed search_path, so a caller's search_path cannot redirect it.

-- The log entry (docs/formats.md): the same bytes as log_entry in entry.py, which the contract tests compare. Strings
-- are put between quotes as they are: types and checks of log.events admit no character that JSON would escape.
CREATE OR REPLACE FUNCTION log.entry(
    at text, digest bytea, id uuid, key uuid, schema integer, sealed bytea, stream text, tenant uuid, type text,
    version bigint
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{"at":"' || at
    || coalesce('","digest":"' || encode(digest, 'hex'), '')
    || '","f":1,"id":"' || id::text
    || '","key":"' || key::text
    || '","schema":' || schema::text
    || ',"sealed":"' || encode(sha256(sealed), 'hex')
    || '","stream":"' || stream
    || '","tenant":"' || tenant::text
    || '","type":"' || type
    || '","version":' || version::text || '}';

-- RFC 6962: a leaf is H(00 || entry), a node H(01 || left || right).
CREATE OR REPLACE FUNCTION log.leaf_hash(entry text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256('\x00'::bytea || convert_to(entry, 'UTF8'));

CREATE OR REPLACE FUNCTION log.node_hash("left" bytea, "right" bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256('\x01'::bytea || "left" || "right");

-- Push leaves onto the frontier of a tree of `size` leaves. Level by level, from the leaves up: a subtree that the
-- frontier holds at this level is the left neighbour of the first new node; nodes pair up; one left over stays on the
-- frontier; when no pair is left, everything above is as it was.
CREATE OR REPLACE FUNCTION log.push(size bigint, frontier bytea[], leaves bytea[]) RETURNS bytea[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    nodes bytea[] := leaves;
    left_over bytea[] := '{}';
    nodes_before bigint := size;  -- complete nodes of this level before the push
BEGIN
    WHILE cardinality(nodes) > 0 LOOP
        IF nodes_before % 2 = 1 THEN
            nodes := frontier[cardinality(frontier)] || nodes;
            frontier := trim_array(frontier, 1);
        END IF;
        IF cardinality(nodes) % 2 = 1 THEN
            left_over := nodes[cardinality(nodes)] || left_over;
        END IF;
        nodes := ARRAY(
            SELECT log.node_hash(nodes[2 * pair - 1], nodes[2 * pair])
            FROM generate_series(1, cardinality(nodes) / 2) AS pair ORDER BY pair
        );
        nodes_before := nodes_before / 2;
    END LOOP;
    RETURN frontier || left_over;
END
$$;

-- Grow a tenant's tree from `size` by `leaves`, which log.events holds already: write the tiles that are full now and
-- return the new frontier. Level by level: what fills tiles at one level are the leaves of the next. The frontier of
-- the whole tree is those of the levels' tiles in the making, the highest level first. Only log.append calls this.
CREATE OR REPLACE FUNCTION log.grow(log_tenant uuid, size bigint, frontier bytea[], leaves bytea[]) RETURNS bytea[]
LANGUAGE plpgsql AS $$
DECLARE
    tile CONSTANT integer := 256;
    nodes bytea[] := leaves;
    nodes_before bigint := size;  -- of this level
    grown bytea[] := '{}';
    filling bytea[];  -- frontier of this level's tile in the making
    filled integer;  -- how many hashes it holds
    roots bytea[];
BEGIN
    FOR tile_level IN 0 .. 7 LOOP
        filled := nodes_before % tile;
        filling := frontier[cardinality(frontier) - bit_count(filled::bit(8)) + 1 :];
        frontier := trim_array(frontier, cardinality(filling));
        roots := '{}';
        WHILE filled + cardinality(nodes) >= tile LOOP
            roots := roots || log.push(filled, filling, nodes[: tile - filled]);
            nodes := nodes[tile - filled + 1 :];
            filled := 0;
            filling := '{}';
        END LOOP;
        grown := log.push(filled, filling, nodes) || grown;
        EXIT WHEN cardinality(roots) = 0;
        PERFORM log.write_tiles(log_tenant, tile_level, nodes_before / tile, roots);
        nodes := roots;
        nodes_before := nodes_before / tile;
    END LOOP;
    RETURN frontier || grown;
END
$$;

-- Write the full tiles of one level from `first` on, one for each root. Only log.grow calls this.
CREATE OR REPLACE FUNCTION log.write_tiles(log_tenant uuid, tile_level integer, first bigint, roots bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    below record;
    latest_before text;
    tile bigint := first;
    root bytea;
BEGIN
    FOREACH root IN ARRAY roots LOOP
        IF tile_level = 0 THEN
            SELECT string_agg(e.leaf_hash, '' ORDER BY e.position) AS hashes, max(e.at) AS latest INTO below
            FROM log.events e
            WHERE e.tenant = log_tenant AND e.position BETWEEN tile * 256 AND tile * 256 + 255;
            SELECT t.latest INTO latest_before FROM log.tiles t
            WHERE t.tenant = log_tenant AND t.level = 0 AND t.index = tile - 1;
            below.latest := greatest(below.latest, latest_before);
        ELSE
            SELECT string_agg(t.root, '' ORDER BY t.index) AS hashes, NULL::text AS latest INTO below
            FROM log.tiles t
            WHERE t.tenant = log_tenant AND t.level = tile_level - 1 AND t.index BETWEEN tile * 256 AND tile * 256 + 255;
        END IF;
        INSERT INTO log.tiles (tenant, level, index, hashes, root, latest)
        VALUES (log_tenant, tile_level, tile, below.hashes, root, below.latest);
        tile := tile + 1;
    END LOOP;
END
$$;

-- Append a batch, all or nothing, in one round trip. The arrays are parallel, one element per event, in order;
-- expected_streams and expected_versions say at which version each stream must be before the append (0: not there).
-- Positions and versions are counted here, so neither can have a gap or be asked for.
--
-- SECURITY DEFINER: the service's role may execute this and may not INSERT. It takes the owner's rights, and the
-- owner can do nothing but what the tables' triggers leave.
--
-- Errors: TS001 version conflict (detail: JSON stream, expected, actual), TS002 idempotency key used for another
-- request, TS003 a batch that is not well formed.
CREATE OR REPLACE FUNCTION log.append(
    batch_tenant uuid, command_key text, command_hash bytea,
    expected_streams text[], expected_versions bigint[],
    streams text[], ids uuid[], types text[], schemas integer[], ats text[], keys uuid[], digests bytea[],
    payloads bytea[],
    OUT first bigint, OUT last bigint, OUT replayed boolean
) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan  -- else every call plans anew for its tenant's partition: twice the time
AS $$
DECLARE
    head log.heads;
    earlier log.commands;
    conflict record;
    leaves bytea[];
BEGIN
    -- The tenant's lock, held to the commit. Whoever waited here sees what the other committed: in READ COMMITTED
    -- every statement below takes a new snapshot, and in stricter levels this statement fails instead.
    SELECT * INTO head FROM log.heads h WHERE h.tenant = batch_tenant FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO log.heads VALUES (batch_tenant, 0, '{}') ON CONFLICT (tenant) DO NOTHING;
        SELECT * INTO STRICT head FROM log.heads h WHERE h.tenant = batch_tenant FOR UPDATE;
    END IF;

    -- A retried command gets its first answer, also when its streams have moved on since: so before the versions.
    IF command_key IS NOT NULL THEN
        SELECT * INTO earlier FROM log.commands c WHERE c.tenant = batch_tenant AND c.key = command_key;
        IF FOUND THEN
            IF earlier.request_hash IS DISTINCT FROM command_hash THEN
                RAISE EXCEPTION 'idempotency key used before for a different request' USING ERRCODE = 'TS002';
            END IF;
            first := earlier.first;
            last := earlier.last;
            replayed := true;
            RETURN;
        END IF;
    END IF;

    SELECT e.stream, e.version AS expected, coalesce(latest.version, 0) AS actual INTO conflict
    FROM unnest(expected_streams, expected_versions) AS e(stream, version)
    LEFT JOIN LATERAL (
        SELECT v.version FROM log.events v WHERE v.tenant = batch_tenant AND v.stream = e.stream
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
        SELECT batch_tenant, position, version, id, key, schema, stream, type, at, digest,
               log.leaf_hash(log.entry(at, digest, id, key, schema, sealed, stream, batch_tenant, type, version)),
               sealed
        FROM batch
        RETURNING events.position, events.leaf_hash
    )
    SELECT array_agg(inserted.leaf_hash ORDER BY inserted.position) INTO leaves FROM inserted;
    -- Fewer rows than events: a stream without an expected version; more: one named twice.
    IF leaves IS NULL OR cardinality(leaves) <> cardinality(streams) THEN
        RAISE EXCEPTION 'every event needs its stream''s expected version, once' USING ERRCODE = 'TS003';
    END IF;

    first := head.size;
    last := head.size + cardinality(leaves) - 1;
    replayed := false;
    head.frontier := log.grow(batch_tenant, head.size, head.frontier, leaves);
    UPDATE log.heads h SET size = append.last + 1, frontier = head.frontier WHERE h.tenant = batch_tenant;
    IF command_key IS NOT NULL THEN
        INSERT INTO log.commands VALUES (batch_tenant, command_key, command_hash, append.first, append.last);
    END IF;
    -- No NOTIFY: it takes a lock of the whole database until the commit is on disk, so that tenants would wait for each
    -- other. Followers look at log.heads instead.
END
$$;
