-- Ids are text (UUIDv7), times are UTC milliseconds, JSON is text. The PostgreSQL folder has the same tables.

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

-- One row per series of numbers that must grow in the order of commits, and per rule that spans rows:
-- raising the number holds the row until the transaction ends.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO counters (name, value) VALUES ('activity', 0), ('events', 0), ('people', 0);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password_hash TEXT,
    reset_hash TEXT,
    reset_until_ms INTEGER,
    created_ms INTEGER NOT NULL,
    disabled_ms INTEGER,
    signed_in_ms INTEGER
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    idle_until_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER
) STRICT;
CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE login_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE activity (
    id INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    user_id TEXT,
    token_id TEXT,
    by_name TEXT NOT NULL,
    address TEXT NOT NULL,
    code TEXT NOT NULL,
    params TEXT NOT NULL,
    cluster_id TEXT,
    node_id TEXT
) STRICT;
CREATE INDEX activity_user ON activity (user_id, id);
CREATE INDEX activity_cluster ON activity (cluster_id, id);

CREATE TABLE clusters (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    topology TEXT NOT NULL,
    spec TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE nodes (
    id TEXT NOT NULL PRIMARY KEY,
    cluster_id TEXT NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    tls TEXT NOT NULL,
    role TEXT NOT NULL,
    tier INTEGER NOT NULL,
    credential_id TEXT,
    created_ms INTEGER NOT NULL,
    UNIQUE (cluster_id, name)
) STRICT;

-- The owner is a node, or a node of a draft; see credentials.rs.
CREATE TABLE credentials (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    username TEXT NOT NULL,
    secret TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    UNIQUE (owner, kind)
) STRICT;

CREATE TABLE drafts (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX drafts_owner ON drafts (owner);

-- The scope is the id of a draft or of a cluster.
CREATE TABLE findings (
    scope TEXT NOT NULL,
    finding TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    facts TEXT NOT NULL,
    measured_ms INTEGER NOT NULL,
    waiver TEXT,
    PRIMARY KEY (scope, finding, subject)
) STRICT;

CREATE TABLE plans (
    id TEXT NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    body TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX plans_scope ON plans (scope, made_ms);

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    owner TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    undoing INTEGER NOT NULL,
    cancel_asked INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER
) STRICT;
CREATE INDEX runs_scope ON runs (scope, started_ms);
CREATE INDEX runs_state ON runs (state);

CREATE TABLE steps (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    made INTEGER NOT NULL,
    output TEXT,
    error TEXT,
    attempts INTEGER NOT NULL,
    started_ms INTEGER,
    ended_ms INTEGER,
    PRIMARY KEY (run_id, position),
    UNIQUE (run_id, key)
) STRICT;

CREATE TABLE leftovers (
    id TEXT NOT NULL PRIMARY KEY,
    node TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    reference TEXT NOT NULL,
    run_id TEXT,
    made_ms INTEGER NOT NULL,
    removed_ms INTEGER,
    attempts INTEGER NOT NULL,
    last_error TEXT
) STRICT;
CREATE INDEX leftovers_open ON leftovers (removed_ms, made_ms);

-- `to_ms` is null while the state lasts; `looker` is who saw it, see intervals.rs.
CREATE TABLE intervals (
    subject TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    looker TEXT NOT NULL,
    PRIMARY KEY (subject, from_ms)
) STRICT;
CREATE INDEX intervals_end ON intervals (to_ms);

CREATE TABLE lookers (
    name TEXT NOT NULL PRIMARY KEY,
    seen_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    id INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    cluster_id TEXT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX events_at ON events (at_ms);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;
