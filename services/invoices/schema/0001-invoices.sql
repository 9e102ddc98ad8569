-- What invoices keeps besides its log.

-- Rendered documents, sealed, content-addressed. Not a read model: what was sent is kept as it was sent.
CREATE TABLE app.documents (
    tenant uuid NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),  -- SHA-256 of the PDF
    key uuid NOT NULL,                                        -- the DEK that sealed it
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, digest)
);

-- Read models: ids, state and place in the clear, everything else sealed deterministically.
CREATE TABLE read.customers (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

CREATE TABLE read.invoices (
    tenant uuid NOT NULL,
    invoice_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    position bigint NOT NULL,                                 -- where it was drafted: the order of lists
    state text NOT NULL CHECK (state IN ('draft', 'issued')),
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, invoice_id)
);
CREATE UNIQUE INDEX ON read.invoices (tenant, position);

CREATE TABLE read.customer_totals (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

GRANT SELECT, INSERT ON app.documents TO {service};
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON read.customers, read.invoices, read.customer_totals TO {service};
