-- Counting attempts in app.throttle: one call, and so one round trip, for whatever is counted or forgotten at once.
-- They have the caller's rights. All lock the account before the source, so that no two of them wait for each other.

-- Count a failure and return how many there are, NULL for a key that is closed, which is left as it is. One statement:
-- of two attempts at once the second waits for the first one's row lock, then sees its count and when it closed the row.
-- `delays` are how long the key is closed after its first failure in a row, its second, ..., the last one from then on.
CREATE FUNCTION app.count_failure(
    counted_key bytea, delays interval[], memory interval, moment timestamptz, OUT count integer
) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.throttle AS known (key, failures, open_at, last_at)
    VALUES (counted_key, 1, moment + delays[1], moment)
    ON CONFLICT (key) DO UPDATE SET (failures, open_at, last_at) = (
        SELECT c.counted, moment + delays[least(c.counted, cardinality(delays))], moment
        FROM (SELECT CASE WHEN known.last_at <= moment - memory THEN 1 ELSE known.failures + 1 END AS counted) AS c
    )
    WHERE known.open_at <= moment
    RETURNING known.failures INTO count;
END
$$;

-- Count an attempt as a failure of its account and of its source, or return when the closed one opens and count nothing:
-- whoever is kept from trying did nothing that counts.
CREATE FUNCTION app.count_attempt(
    account bytea, account_delays interval[], account_memory interval,
    source bytea, source_delays interval[], source_memory interval, moment timestamptz,
    OUT account_failures integer, OUT source_failures integer, OUT opens_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    closed bytea := account;
BEGIN
    account_failures := app.count_failure(account, account_delays, account_memory, moment);
    IF account_failures IS NOT NULL THEN
        closed := source;
        source_failures := app.count_failure(source, source_delays, source_memory, moment);
    END IF;
    IF source_failures IS NULL THEN
        RAISE SQLSTATE 'TA001';
    END IF;
    -- Old rows go a few at a time, and none that somebody else is counting on: this must neither wait nor be waited for.
    DELETE FROM app.throttle WHERE key IN (
        SELECT t.key FROM app.throttle t WHERE t.last_at <= moment - account_memory ORDER BY t.last_at LIMIT 10
        FOR UPDATE SKIP LOCKED
    );
EXCEPTION WHEN SQLSTATE 'TA001' THEN  -- what was counted above is undone by now
    -- Somebody may have lifted the lock a moment ago: then the next attempt gets through.
    opens_at := coalesce((SELECT t.open_at FROM app.throttle t WHERE t.key = closed), moment);
END
$$;

-- Count a failure no more. Its key is opened again only when no later failure has closed it meanwhile.
CREATE FUNCTION app.take_back_failure(counted_key bytea, counted integer, moment timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE app.throttle SET
        failures = failures - 1,
        open_at = CASE WHEN failures = counted THEN moment ELSE open_at END
    WHERE key = counted_key AND failures > 0;
END
$$;

-- Forget without waiting for the disk: what a crash of the server brings back is counted again.
CREATE FUNCTION app.take_back_attempt(
    account bytea, account_failures integer, source bytea, source_failures integer, moment timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM app.take_back_failure(account, account_failures, moment);
    PERFORM app.take_back_failure(source, source_failures, moment);
END
$$;

-- Forget all failures of the account, and of the source's this one alone; without waiting, as above.
CREATE FUNCTION app.forget_failures(account bytea, source bytea, source_failures integer, moment timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    DELETE FROM app.throttle WHERE key = account;
    PERFORM app.take_back_failure(source, source_failures, moment);
END
$$;

GRANT EXECUTE ON FUNCTION
    app.count_failure, app.count_attempt, app.take_back_failure, app.take_back_attempt, app.forget_failures TO {service};
