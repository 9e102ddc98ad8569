-- Appends answer with what a receipt is made of. PostgreSQL keeps what a function returns for good: append.sql, which
-- runs after this, makes them anew, and privileges.sql gives them to the service again, in the same transaction.

DROP FUNCTION IF EXISTS log.append_one;
DROP FUNCTION IF EXISTS log.append;
