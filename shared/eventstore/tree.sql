-- The tree as the database grows it. Run as the owner role; runs again when it or a step changes.
-- Only the functions of append.sql call what is here, and their fixed search_path holds here too.

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

-- RFC 6962: a leaf is H(00 || entry).
CREATE OR REPLACE FUNCTION log.leaf_hash(entry text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256('\x00'::bytea || convert_to(entry, 'UTF8'));

-- Push leaves onto the frontier of a tree of `size` leaves: each 1 at the low end of the size is a complete subtree of
-- the same height as the node, and they join (RFC 6962: a node is H(01 || left || right)).
CREATE OR REPLACE FUNCTION log.push(size bigint, frontier bytea[], leaves bytea[]) RETURNS bytea[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    subtrees integer := cardinality(frontier);
    node bytea;
    pairs bigint;
BEGIN
    FOREACH node IN ARRAY leaves LOOP
        pairs := size;
        WHILE pairs & 1 = 1 LOOP
            node := sha256('\x01'::bytea || frontier[subtrees] || node);
            subtrees := subtrees - 1;
            pairs := pairs >> 1;
        END LOOP;
        subtrees := subtrees + 1;
        frontier[subtrees] := node;
        size := size + 1;
    END LOOP;
    RETURN frontier[: subtrees];
END
$$;

-- Write a tile of one level that is full now, and those above that get full by it: the root of a tile is a hash of the
-- level above. Its hashes are those of the events, which log.events holds already, or the roots of the tiles below.
CREATE OR REPLACE FUNCTION log.write_tile(log_tenant uuid, tile_level integer, tile bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    hashes bytea[];
    latest_at text;
BEGIN
    IF tile_level = 0 THEN
        SELECT array_agg(e.leaf_hash ORDER BY e.position), max(e.at) INTO hashes, latest_at
        FROM log.events e WHERE e.tenant = log_tenant AND e.position BETWEEN tile * 256 AND tile * 256 + 255;
        latest_at := greatest(latest_at, (
            SELECT t.latest FROM log.tiles t WHERE t.tenant = log_tenant AND t.level = 0 AND t.index = tile - 1));
    ELSE
        SELECT array_agg(t.root ORDER BY t.index) INTO hashes
        FROM log.tiles t
        WHERE t.tenant = log_tenant AND t.level = tile_level - 1 AND t.index BETWEEN tile * 256 AND tile * 256 + 255;
    END IF;
    INSERT INTO log.tiles (tenant, level, index, hashes, root, latest)
    VALUES (log_tenant, tile_level, tile, (SELECT string_agg(hash, '') FROM unnest(hashes) AS hash),
            (log.push(0, '{}', hashes))[1], latest_at);
    IF tile % 256 = 255 THEN
        PERFORM log.write_tile(log_tenant, tile_level + 1, tile / 256);
    END IF;
END
$$;
