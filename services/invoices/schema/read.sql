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
    state text NOT NULL CHECK (state IN ('draft', 'discarded', 'issued', 'partly_credited', 'cancelled')),
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

-- Every number that was taken. What it went to is in invoices, as long as its customer is not forgotten.
CREATE TABLE numbers (
    tenant uuid NOT NULL,
    counter uuid NOT NULL,                                    -- a series, or a fiscal year of one
    place bigint NOT NULL CHECK (place > 0),                  -- in the counter, dense from 1
    invoice_id uuid NOT NULL,
    number_index bytea NOT NULL CHECK (octet_length(number_index) = 16),
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, counter, place)
);
CREATE INDEX ON numbers (tenant, number_index);
CREATE INDEX ON numbers (tenant, invoice_id);

-- Which issued document says of which earlier one that it comes after it (BG-3).
CREATE TABLE corrections (
    tenant uuid NOT NULL,
    invoice_id uuid NOT NULL,
    corrected_by uuid NOT NULL,
    customer_id uuid NOT NULL,                                -- of the later one
    PRIMARY KEY (tenant, invoice_id, corrected_by)
);
CREATE INDEX ON corrections (tenant, customer_id);

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

-- Recurring plans: which of them run. When something is due, and what, is in the log alone.
CREATE TABLE plans (
    tenant uuid NOT NULL,
    plan_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    running boolean NOT NULL,
    PRIMARY KEY (tenant, plan_id)
);

-- Invoices that were issued, and whether nothing is owed on them any more: where to look for what is overdue.
CREATE TABLE unsettled (
    tenant uuid NOT NULL,
    invoice_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    position bigint NOT NULL,                                 -- where it was issued
    settled boolean NOT NULL,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, invoice_id)
);
CREATE INDEX ON unsettled (tenant, position) WHERE NOT settled;
CREATE INDEX ON unsettled (tenant, customer_id);
