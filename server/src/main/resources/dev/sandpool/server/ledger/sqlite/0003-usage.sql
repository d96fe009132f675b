-- What a sandbox has for itself, and its steps by the host's uptime in nanoseconds, which nobody sets.
ALTER TABLE sandbox ADD COLUMN milli_cpu INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sandbox ADD COLUMN reserved_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sandbox ADD COLUMN ready_up INTEGER;
ALTER TABLE sandbox ADD COLUMN allocated_up INTEGER;
ALTER TABLE sandbox ADD COLUMN stopping_up INTEGER;

-- How much of its processor time is counted, and up to when its memory is.
ALTER TABLE sandbox ADD COLUMN counted_cpu INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sandbox ADD COLUMN counted_up INTEGER;

-- The boot that uptimes are of, and the last moment at which the host was known to be up: one row.
CREATE TABLE host_up (boot TEXT NOT NULL, up INTEGER NOT NULL) STRICT;

-- Whose usage it is; outlives the pool.
CREATE TABLE usage_pool (
  pool        TEXT PRIMARY KEY,
  resource_id TEXT NOT NULL,
  tags        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO usage_pool (pool, resource_id, tags)
  SELECT p.id, p.resource_id, coalesce(json_extract(r.document, '$.tags'), '{}')
  FROM pool p LEFT JOIN resource r ON r.id_key = p.resource_key;

-- hour: hours since 1970 UTC. The rest is named as in UsageAmounts.
CREATE TABLE usage_hour (
  hour      INTEGER NOT NULL,
  pool      TEXT NOT NULL,
  ready     INTEGER NOT NULL,
  allocated INTEGER NOT NULL,
  cpu       INTEGER NOT NULL,
  memory    INTEGER NOT NULL,
  used_cpu  INTEGER NOT NULL,
  used_memory   INTEGER NOT NULL,
  sessions  INTEGER NOT NULL,
  session_hours INTEGER NOT NULL,
  requests  INTEGER NOT NULL,
  bytes_in  INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  PRIMARY KEY (hour, pool)
) STRICT, WITHOUT ROWID;
