-- Grows with every change of a run or its steps, so that of two readings the newer one is known.
ALTER TABLE runs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
