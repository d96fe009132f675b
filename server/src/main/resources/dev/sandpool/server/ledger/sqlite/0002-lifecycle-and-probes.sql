-- Set where sessions live until their container exits: nanoseconds after which they end anyway. cooldown is 0 then.
ALTER TABLE pool ADD COLUMN max_alive INTEGER;

-- The liveness probe of the sandbox's revision as JSON: a session outlives the record of its revision.
ALTER TABLE sandbox ADD COLUMN liveness TEXT;
