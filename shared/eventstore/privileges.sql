-- Who may do what. Run as the owner role after the steps and append.sql; runs again when it or a step changes.
-- {service} is the service's role, {backup_reader} the role that reads for backups. PUBLIC gets nothing anywhere.

REVOKE ALL ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA log, keyring, read, read_a, read_b, read_c, read_d, app, relay TO {service};

-- The log: read it, append and keep signed checkpoints through functions; nothing else.
GRANT SELECT ON log.heads, log.events, log.commands, log.checkpoints, log.tiles TO {service};
GRANT EXECUTE ON FUNCTION log.append_one, log.append, log.keep_checkpoint TO {service};

GRANT SELECT, INSERT, UPDATE ON relay.checkpoints TO {service};

-- Read models belong to the service, in all copies. Tables in `app` are granted one by one where they are made.
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA read_a, read_b, read_c, read_d TO {service};
GRANT SELECT, INSERT, UPDATE ON read.projections TO {service};
GRANT SELECT, INSERT, UPDATE, DELETE ON read.halted, read.snapshots TO {service};
GRANT EXECUTE ON FUNCTION read.enter(text), read.begin_look(text, text), read.first_copy() TO {service};

-- Backups read everything that a replay cannot make again.
GRANT USAGE ON SCHEMA log, keyring, app, relay TO {backup_reader};
GRANT SELECT ON ALL TABLES IN SCHEMA log, keyring, app, relay TO {backup_reader};
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO {backup_reader};
