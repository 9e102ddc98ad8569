-- Read models, made once in each copy: ids, state and place in the clear, everything else sealed deterministically.
CREATE TABLE customers (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

CREATE TABLE invoices (
    tenant uuid NOT NULL,
    invoice_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    position bigint NOT NULL,                                 -- where it was drafted: the order of lists
    state text NOT NULL CHECK (state IN ('draft', 'issued')),
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, invoice_id)
);
CREATE UNIQUE INDEX ON invoices (tenant, position);

CREATE TABLE customer_totals (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);
