-- A person may hold several factors, each with steps of its own.
ALTER TABLE app.code_uses RENAME COLUMN user_id TO factor_id;
