-- Times are nanoseconds since 1970 UTC. *_key columns are the lower-case form that ids are compared by.

CREATE TABLE resource (
  id_key      TEXT PRIMARY KEY,
  id          TEXT NOT NULL,
  type_key    TEXT NOT NULL,
  type        TEXT NOT NULL,
  document    TEXT NOT NULL,
  created_by  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  modified_by TEXT NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT;

-- active and desired are sealed: they hold values of secrets and the registry's password.
CREATE TABLE pool (
  id              TEXT PRIMARY KEY,
  resource_key    TEXT NOT NULL UNIQUE,
  environment_key TEXT NOT NULL,
  name_key        TEXT NOT NULL,
  resource_id     TEXT NOT NULL,
  environment_id  TEXT NOT NULL,
  name            TEXT NOT NULL,
  generation      INTEGER NOT NULL,
  max_sessions    INTEGER NOT NULL,
  ready_sessions  INTEGER NOT NULL,
  cooldown        INTEGER NOT NULL,
  network         TEXT NOT NULL,
  active_number   INTEGER,
  active          BLOB,
  desired_number  INTEGER NOT NULL,
  desired         BLOB NOT NULL,
  provisioning    TEXT NOT NULL,
  error_code      TEXT,
  error_message   TEXT,
  changed_at      INTEGER NOT NULL,
  UNIQUE (environment_key, name_key)
) STRICT;

-- No reference to pool: gone sandboxes outlive their pool until their slot has rested.
CREATE TABLE sandbox (
  id              TEXT PRIMARY KEY,
  pool            TEXT NOT NULL,
  revision        INTEGER NOT NULL,
  slot            INTEGER NOT NULL UNIQUE,
  network         TEXT NOT NULL,
  memory_bytes    INTEGER NOT NULL,
  target_port     INTEGER NOT NULL,
  state           TEXT NOT NULL
                  CHECK (state IN ('STARTING', 'READY', 'ALLOCATED', 'STOPPING', 'GONE')),
  address         TEXT,
  identifier_hash BLOB,
  identifier      BLOB,
  created_at      INTEGER NOT NULL,
  ready_at        INTEGER,
  allocated_at    INTEGER,
  last_active_at  INTEGER,
  ended_at        INTEGER,
  end_reason      TEXT,
  CHECK (state <> 'ALLOCATED' OR identifier_hash IS NOT NULL)
) STRICT;

-- One living sandbox per pool and identifier (G2); Stopping ones hold theirs until they are gone.
CREATE UNIQUE INDEX sandbox_held ON sandbox (pool, identifier_hash)
  WHERE state IN ('ALLOCATED', 'STOPPING');

-- What a claim chooses from, in its order.
CREATE INDEX sandbox_ready ON sandbox (pool, revision, network, ready_at, id)
  WHERE state = 'READY';

CREATE INDEX sandbox_alive ON sandbox (pool) WHERE state <> 'GONE';

CREATE INDEX sandbox_gone ON sandbox (ended_at) WHERE state = 'GONE';

-- Counting the allocated anew at each claim would take longer the larger the pool.
CREATE TABLE pool_usage (
  pool      TEXT PRIMARY KEY,
  allocated INTEGER NOT NULL CHECK (allocated >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES ('claims', 0);

CREATE TRIGGER sandbox_allocated AFTER UPDATE OF state ON sandbox
  WHEN NEW.state = 'ALLOCATED' AND OLD.state <> 'ALLOCATED'
BEGIN
  INSERT INTO pool_usage (pool, allocated) VALUES (NEW.pool, 1)
    ON CONFLICT (pool) DO UPDATE SET allocated = allocated + 1;
  UPDATE counter SET value = value + 1 WHERE name = 'claims';
END;

CREATE TRIGGER sandbox_released AFTER UPDATE OF state ON sandbox
  WHEN OLD.state = 'ALLOCATED' AND NEW.state <> 'ALLOCATED'
BEGIN
  UPDATE pool_usage SET allocated = allocated - 1 WHERE pool = NEW.pool;
END;

-- One row: which data key the ledger belongs to.
CREATE TABLE key_check (mark TEXT NOT NULL) STRICT;
