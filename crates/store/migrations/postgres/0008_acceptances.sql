-- Differences of a pair that a person accepted. `id` tells one acceptance of a thing from the next.

CREATE TABLE acceptances (
    pair_id TEXT NOT NULL REFERENCES pairs (id) ON DELETE CASCADE,
    repository TEXT COLLATE "C" NOT NULL,
    thing TEXT COLLATE "C" NOT NULL,
    id TEXT NOT NULL,
    until_ms BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY (pair_id, repository, thing)
);
CREATE INDEX acceptances_until ON acceptances (until_ms);

-- How often something of a pair was accepted or counted again: what was planned before is past.
ALTER TABLE pairs ADD COLUMN accepts BIGINT NOT NULL DEFAULT 0;
