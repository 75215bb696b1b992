-- How many differences a pair had from a time on, until the next row. `total` is none from when it was not compared.
CREATE TABLE drift_history (
    pair_id TEXT NOT NULL REFERENCES pairs (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    total INTEGER,
    kinds TEXT NOT NULL,
    PRIMARY KEY (pair_id, at_ms)
) STRICT;
