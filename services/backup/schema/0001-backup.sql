-- What the backup service keeps: which snapshots it took. The manifests in the object store are the truth; this is the
-- answer to a command that is repeated, and to who asks what there is.

CREATE TABLE app.snapshots (
    backup_id uuid PRIMARY KEY,
    command_key text NOT NULL UNIQUE CHECK (octet_length(command_key) BETWEEN 1 AND 200),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    created_at text NOT NULL,  -- RFC 3339 UTC, as in the manifest
    objects integer NOT NULL CHECK (objects >= 0),
    bytes bigint NOT NULL CHECK (bytes >= 0)
);

GRANT SELECT, INSERT ON app.snapshots TO {service};
