-- What stands for a set time: a tag that keeps what a heal replaced.
ALTER TABLE leftovers ADD COLUMN due_ms BIGINT;
