-- What a pair's totals are counted from, without a look at the rows: they are counted after each part of a comparison.
CREATE INDEX drifts_totals ON drifts (pair_id, kind, heals, bytes, found_ms);
