-- How a transaction gets into a read model, and whose rows it sees there. Run as the owner role after the steps; runs
-- again when it or a step changes.

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

-- Rows of another tenant are invisible, and of every tenant to a session that is bound to none. Checkpoints hold ids
-- and positions only, and followers look for work in them.
DO $$
DECLARE
    guarded record;
BEGIN
    FOR guarded IN SELECT n.nspname AS copy, c.relname AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
        WHERE c.relkind = 'r' AND (n.nspname IN ('read_a', 'read_b') AND c.relname <> 'projection_checkpoints'
            OR n.nspname = 'read' AND c.relname = 'snapshots')
    LOOP
        EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', guarded.copy, guarded.name);
        EXECUTE format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY', guarded.copy, guarded.name);
        EXECUTE format('DROP POLICY IF EXISTS own_tenant ON %I.%I', guarded.copy, guarded.name);
        EXECUTE format('CREATE POLICY own_tenant ON %I.%I USING '
                       '(tenant = nullif(current_setting(''tallystick.tenant'', true), '''')::uuid)',
                       guarded.copy, guarded.name);
    END LOOP;
END
$$;
