-- Rows belong to a tenant: a session sees and writes those of the tenant that it is bound to, and none when it is bound
-- to none. Run as the owner role after everything else; runs again when it or a step changes.
--
-- Row-level security, forced, so that it holds for the owner too and for the functions that have his rights. It stops a
-- query that forgot its WHERE and a value that came from the wrong request. It does not stop somebody who can send SQL
-- of his own: he can bind himself. The backups' role reads all tenants (BYPASSRLS), as superusers do.

-- Bind the rest of this transaction to a tenant unless it is bound to that one already; return what it was bound to, to
-- be set again. Error 42501: it is bound to another. Functions with the owner's rights begin with this.
CREATE OR REPLACE FUNCTION log.bind(to_tenant uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    bound CONSTANT text := coalesce(current_setting('tallystick.tenant', true), '');
BEGIN
    IF bound = '' THEN
        PERFORM set_config('tallystick.tenant', to_tenant::text, true);
    ELSIF bound::uuid <> to_tenant THEN
        RAISE EXCEPTION 'this session is bound to another tenant' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN bound;
END
$$;

-- Every table with a `tenant` in these schemas, those that later steps make too, without anybody having to think of it.
DO $$
DECLARE
    isolated CONSTANT text[] := ARRAY['log', 'keyring', 'read', 'read_a', 'read_b', 'read_c', 'read_d', 'app'];
    -- Ids, types and sizes only: where followers, rotations and workers look which tenants have work for them, and where
    -- every service learns whose tokens are refused.
    work_lists CONSTANT text[] := ARRAY[
        'log.heads', 'keyring.tenants', 'read.halted', 'app.inbox', 'app.decisions',
        'read_a.projection_checkpoints', 'read_b.projection_checkpoints', 'read_a.revocations', 'read_b.revocations',
        'read_c.projection_checkpoints', 'read_d.projection_checkpoints', 'read_c.revocations', 'read_d.revocations'
    ];
    isolated_table regclass;
BEGIN
    FOR isolated_table IN
        SELECT c.oid FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped
        WHERE n.nspname = ANY (isolated) AND c.relkind IN ('r', 'p')
            AND n.nspname || '.' || c.relname <> ALL (work_lists)
    LOOP
        -- On partitions too: a statement that names one is not subject to its parent's policy.
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', isolated_table);
        EXECUTE format('DROP POLICY IF EXISTS of_the_bound_tenant ON %s', isolated_table);
        EXECUTE format('CREATE POLICY of_the_bound_tenant ON %s USING (tenant = %s)', isolated_table,
                       $setting$nullif(current_setting('tallystick.tenant', true), '')::uuid$setting$);
    END LOOP;
END
$$;
