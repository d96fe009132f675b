-- How much of what went through the gateway is counted, and by which opening of the ledger.
ALTER TABLE sandbox ADD COLUMN counted_run TEXT;
ALTER TABLE sandbox ADD COLUMN counted_requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sandbox ADD COLUMN counted_in INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sandbox ADD COLUMN counted_out INTEGER NOT NULL DEFAULT 0;

-- As usage_hour, of single sandboxes; kept for less long.
CREATE TABLE usage_sandbox (
  hour      INTEGER NOT NULL,
  sandbox   TEXT NOT NULL,
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
  PRIMARY KEY (hour, sandbox)
) STRICT, WITHOUT ROWID;
