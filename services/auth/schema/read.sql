-- Read models, made once in each copy.

-- Who claimed an address; the address itself is not here, only its keyed hash.
CREATE TABLE addresses (
    tenant uuid NOT NULL,
    address_index bytea NOT NULL CHECK (octet_length(address_index) = 16),
    user_id uuid NOT NULL,
    PRIMARY KEY (tenant, address_index)
);
