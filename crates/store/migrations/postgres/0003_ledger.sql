-- The ledger: two Harbors of a cluster that should hold the same. What `state` and the bodies hold is the ledger's.

CREATE TABLE pairs (
    id TEXT NOT NULL PRIMARY KEY,
    cluster_id TEXT NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
    node_a TEXT NOT NULL,
    node_b TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (cluster_id, node_a, node_b)
);

-- What both sides of a pair were last read to hold alike, one row per repository.
CREATE TABLE bases (
    pair_id TEXT NOT NULL REFERENCES pairs (id) ON DELETE CASCADE,
    repository TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (pair_id, repository)
);

-- `thing` is a tag, or `@` and a digest.
CREATE TABLE drifts (
    pair_id TEXT NOT NULL REFERENCES pairs (id) ON DELETE CASCADE,
    repository TEXT COLLATE "C" NOT NULL,
    thing TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    heals BOOLEAN NOT NULL,
    bytes BIGINT NOT NULL,
    body TEXT NOT NULL,
    found_ms BIGINT NOT NULL,
    PRIMARY KEY (pair_id, repository, thing)
);
CREATE INDEX drifts_kind ON drifts (pair_id, kind, repository, thing);

-- Lines of a node's audit log that concern what it holds.
CREATE TABLE acts (
    node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    line BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    repository TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (node_id, line)
);
CREATE INDEX acts_repository ON acts (node_id, repository, line);
CREATE INDEX acts_at ON acts (at_ms);
