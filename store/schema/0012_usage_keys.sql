-- An event is found by a digest of its key, sixteen bytes in two numbers: an index of agency, source and id as texts is two and
-- a half times as large, and once it no longer fits into memory a call of a random id costs a page of it. The program reckons the
-- digests of the rows that are there.

DROP INDEX usage_events_once;
ALTER TABLE usage_events ADD COLUMN key_head BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_events ADD COLUMN key_tail BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_archived ADD COLUMN key_head BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_archived ADD COLUMN key_tail BIGINT NOT NULL DEFAULT 0;
