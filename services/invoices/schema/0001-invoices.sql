-- What invoices keeps besides its log.

-- Rendered documents, sealed, content-addressed. Not a read model: what was sent is kept as it was sent.
CREATE TABLE app.documents (
    tenant uuid NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),  -- SHA-256 of the PDF
    key uuid NOT NULL,                                        -- the DEK that sealed it
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, digest)
);

GRANT SELECT, INSERT ON app.documents TO {service};
