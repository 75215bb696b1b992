-- What the last reading of each repository came to. Mostly only some of a pair are read, and its figures are those of
-- all of them.
CREATE TABLE readings (
    pair_id TEXT NOT NULL REFERENCES pairs (id) ON DELETE CASCADE,
    repository TEXT NOT NULL,
    compared INTEGER NOT NULL,
    equal INTEGER NOT NULL,
    tags_a INTEGER NOT NULL,
    tags_b INTEGER NOT NULL,
    artifacts_a INTEGER NOT NULL,
    artifacts_b INTEGER NOT NULL,
    behind_a_ms INTEGER,
    behind_b_ms INTEGER,
    PRIMARY KEY (pair_id, repository)
) STRICT;
INSERT INTO readings (pair_id, repository, compared, equal, tags_a, tags_b, artifacts_a, artifacts_b)
    SELECT pair_id, repository, 1, 0, 0, 0, 0, 0 FROM drifts
    UNION SELECT pair_id, repository, 1, 0, 0, 0, 0, 0 FROM bases;
