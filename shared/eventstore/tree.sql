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
    IF size % tile + cardinality(leaves) < tile THEN  -- no tile gets full
        RETURN log.push(size, frontier, leaves);
    END IF;
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
