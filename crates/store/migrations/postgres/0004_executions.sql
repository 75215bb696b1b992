-- What the rules of a cluster's nodes did. Harbor keeps few executions and loses them with their rule.

CREATE TABLE executions (
    node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    id BIGINT NOT NULL,
    cluster_id TEXT NOT NULL,
    started_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (node_id, id)
);
CREATE INDEX executions_started ON executions (cluster_id, started_ms, node_id, id);
