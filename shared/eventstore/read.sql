-- How a transaction gets into a read model. Run as the owner role after the steps; runs again when it or a step changes.

-- Enter the live copy of a projection's tables: the search path is set for this transaction. The lock, held to the end
-- of the transaction, keeps a rebuild from swapping under it. Lock and look are statements of their own: whoever waited
-- for a swap sees its outcome. The function has the caller's rights.
CREATE OR REPLACE FUNCTION read.enter(entered text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    copy text;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtextextended('projection ' || entered, 0));
    SELECT p.live INTO copy FROM read.projections p WHERE p.projection = entered;
    PERFORM pg_catalog.set_config('search_path', coalesce(copy, 'read_a') || ', pg_temp', true);
END
$$;

-- Begin a look at the live copy: bind the transaction to a tenant, enter the copy, and settle as of which position it is
-- looked at. Returns that position, -1 for none; statements that follow find it in the setting tallystick.as_of. One
-- statement for three, because what each costs whoever sends it is more than what it does.
CREATE OR REPLACE FUNCTION read.begin_look(bound_to text, entered text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    as_of bigint;
BEGIN
    PERFORM pg_catalog.set_config('tallystick.tenant', bound_to, true);
    PERFORM read.enter(entered);
    SELECT c.position INTO as_of FROM projection_checkpoints c WHERE c.projection = entered AND c.tenant = bound_to::uuid;
    as_of := coalesce(as_of, -1);
    PERFORM pg_catalog.set_config('tallystick.as_of', as_of::text, true);
    RETURN as_of;
END
$$;
