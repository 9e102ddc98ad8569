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
