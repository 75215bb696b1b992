-- What both sides have, whatever they hold under it: of two bars, one tells what was copied and one what is alike.
ALTER TABLE readings ADD COLUMN copied BIGINT NOT NULL DEFAULT 0;
UPDATE readings SET copied = equal;
