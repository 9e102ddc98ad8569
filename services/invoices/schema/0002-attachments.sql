-- The same file may belong to several customers: each has it sealed under their own key, and is forgotten alone.
ALTER TABLE app.documents DROP CONSTRAINT documents_pkey;
ALTER TABLE app.documents ADD PRIMARY KEY (tenant, digest, key);
