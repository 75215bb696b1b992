-- What the last reading of each repository came to. Mostly only some of a pair are read, and its figures are those of
-- all of them.
CREATE TABLE readings (
    pair_id TEXT NOT NULL REFERENCES pairs (id) ON DELETE CASCADE,
    repository TEXT COLLATE "C" NOT NULL,
    compared BIGINT NOT NULL,
    equal BIGINT NOT NULL,
    tags_a BIGINT NOT NULL,
    tags_b BIGINT NOT NULL,
    artifacts_a BIGINT NOT NULL,
    artifacts_b BIGINT NOT NULL,
    behind_a_ms BIGINT,
    behind_b_ms BIGINT,
    PRIMARY KEY (pair_id, repository)
);
INSERT INTO readings (pair_id, repository, compared, equal, tags_a, tags_b, artifacts_a, artifacts_b)
    SELECT pair_id, repository, 1, 0, 0, 0, 0, 0 FROM drifts
    UNION SELECT pair_id, repository, 1, 0, 0, 0, 0, 0 FROM bases;
