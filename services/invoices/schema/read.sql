-- Read models, made once in each copy: ids, state and place in the clear, everything else sealed deterministically.
CREATE TABLE customers (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    registered_by uuid,                                       -- the person who did; null: a service
    -- Blind indexes: exact search without anything readable (keyed, truncated HMAC of the normalised text).
    name_index bytea NOT NULL CHECK (octet_length(name_index) = 16),
    email_index bytea NOT NULL CHECK (octet_length(email_index) = 16),
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);
CREATE INDEX ON customers (tenant, name_index);
CREATE INDEX ON customers (tenant, email_index);

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
CREATE INDEX ON invoices (tenant, customer_id);

CREATE TABLE customer_totals (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

-- Customers whom somebody asked to forget in spite of retention, until that is decided.
CREATE TABLE overrides (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

-- Customers whose keys were destroyed: what the log still says about them makes no row again.
CREATE TABLE forgotten (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);
