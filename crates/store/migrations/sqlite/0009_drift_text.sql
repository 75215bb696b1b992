-- A text finds differences by what their tags and digests begin with: those that fit where they are few, and else, where
-- they are many, those of one repository after another.
CREATE INDEX drifts_text ON drifts (pair_id, LOWER(thing));
CREATE INDEX drifts_things ON drifts (pair_id, repository, LOWER(thing));
CREATE INDEX drifts_kind_things ON drifts (pair_id, kind, repository, LOWER(thing));
-- The repositories that differ, by name.
CREATE INDEX readings_differ ON readings (pair_id, repository) WHERE compared > equal;
