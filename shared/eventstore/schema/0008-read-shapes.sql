-- A second pair of copies: when the tables of the read models change their shape, those of the next shape are made in the
-- pair that is not in use (deploy/postgres/shapes.py), and the service fills them beside the live ones and swaps.

CREATE SCHEMA read_c;
CREATE SCHEMA read_d;

CREATE TABLE read_c.projection_checkpoints (LIKE read_a.projection_checkpoints INCLUDING ALL) WITH (fillfactor = 50);
CREATE TABLE read_d.projection_checkpoints (LIKE read_a.projection_checkpoints INCLUDING ALL) WITH (fillfactor = 50);

ALTER TABLE read.projections DROP CONSTRAINT projections_live_check,
    ADD CHECK (live IN ('read_a', 'read_b', 'read_c', 'read_d'));

-- The first copy of the pair whose tables have the present shape. A function, because a restored database has to be
-- empty, and this belongs to the tables and not to what is in them.
CREATE FUNCTION read.first_copy() RETURNS text LANGUAGE sql IMMUTABLE RETURN 'read_a';
