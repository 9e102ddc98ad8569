-- Read models, made once in each copy: ids, state and place in the clear, everything else sealed deterministically.
--
-- Rows with `since` and `until` are versions: each says what was so from the event at position `since` on, up to the one
-- at `until`, which changed it; null: it is so still. Nothing but forgetting takes a version away, so that every answer
-- can be given again as it was at an earlier position. `until` is in no index: closing a version moves no entry.
CREATE TABLE customers (
    tenant uuid NOT NULL,
    customer_id uuid NOT NULL,
    since bigint NOT NULL,
    until bigint,
    registered_by uuid,                                       -- the person who did; null: a service
    -- Blind indexes: exact search without anything readable (keyed, truncated HMAC of the normalised text).
    name_index bytea NOT NULL CHECK (octet_length(name_index) = 16),
    email_index bytea NOT NULL CHECK (octet_length(email_index) = 16),
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, customer_id, since)
);
CREATE INDEX ON customers (tenant, name_index);
CREATE INDEX ON customers (tenant, email_index);

-- What a document says, as long as it says so: a version for each change of the draft.
CREATE TABLE contents (
    tenant uuid NOT NULL,
    invoice_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    since bigint NOT NULL,
    until bigint,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, invoice_id, since)
);
CREATE INDEX ON contents (tenant, customer_id);

-- How a document stands, and what lists and reports need of it: small, because many are opened for one answer.
CREATE TABLE invoices (
    tenant uuid NOT NULL,
    invoice_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    position bigint NOT NULL,                                 -- where it was drafted
    issued bigint,                                            -- where it was issued
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL CHECK (state IN ('draft', 'discarded', 'issued', 'partly_credited', 'cancelled')),
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, invoice_id, since)
);
CREATE INDEX ON invoices (tenant, position);
CREATE INDEX ON invoices (tenant, customer_id);

-- Under which references of other people's a document is found (BT-10 to BT-13, and the name in an earlier system).
CREATE TABLE document_references (
    tenant uuid NOT NULL,
    reference_index bytea NOT NULL CHECK (octet_length(reference_index) = 16),
    invoice_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    since bigint NOT NULL,
    until bigint,
    PRIMARY KEY (tenant, reference_index, invoice_id, since)
);
CREATE INDEX ON document_references (tenant, invoice_id);
CREATE INDEX ON document_references (tenant, customer_id);

CREATE TABLE payments (
    tenant uuid NOT NULL,
    payment_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    position bigint NOT NULL,                                 -- where it was recorded
    since bigint NOT NULL,
    until bigint,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, payment_id, since)
);
CREATE INDEX ON payments (tenant, position);
CREATE INDEX ON payments (tenant, customer_id);

-- What a customer owes beside invoices: of reminders, and of refunds that the bank took back with their payment.
CREATE TABLE claims (
    tenant uuid NOT NULL,
    claim_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    position bigint NOT NULL,                                 -- where it was raised
    since bigint NOT NULL,
    until bigint,
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, claim_id, since)
);
CREATE INDEX ON claims (tenant, position);
CREATE INDEX ON claims (tenant, customer_id);

-- Every number that was taken. What it went to is in invoices, as long as its customer is not forgotten.
CREATE TABLE numbers (
    tenant uuid NOT NULL,
    counter uuid NOT NULL,                                    -- a series, or a fiscal year of one
    place bigint NOT NULL CHECK (place > 0),                  -- in the counter, dense from 1
    since bigint NOT NULL,
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
    since bigint NOT NULL,
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
    position bigint NOT NULL,                                 -- where it was made
    running boolean NOT NULL,
    PRIMARY KEY (tenant, plan_id)
);
CREATE INDEX ON plans (tenant, position);

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

-- What the business sells again and again; sealed for the business.
CREATE TABLE items (
    tenant uuid NOT NULL,
    item_id uuid NOT NULL,
    position bigint NOT NULL,                                 -- where it was registered: the order of lists
    since bigint NOT NULL,
    until bigint,
    version integer NOT NULL CHECK (version > 0),             -- of its stream
    retired boolean NOT NULL,
    number_index bytea NOT NULL CHECK (octet_length(number_index) IN (0, 16)), -- empty: it has no number
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, item_id, since)
);
CREATE INDEX ON items (tenant, position);
CREATE INDEX ON items (tenant, number_index);

-- Quotes. Whether an open one is over follows from the day; until when it is valid is sealed.
CREATE TABLE quotes (
    tenant uuid NOT NULL,
    quote_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    position bigint NOT NULL,                                 -- where it was made: the order of lists
    since bigint NOT NULL,
    until bigint,
    state text NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'invoiced')),
    key uuid NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant, quote_id, since)
);
CREATE INDEX ON quotes (tenant, position);
CREATE INDEX ON quotes (tenant, customer_id);
