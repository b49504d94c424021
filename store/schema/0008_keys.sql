-- Names that are only ever looked up are compared byte by byte: by a language's rules each look-up cost some
-- microseconds more, and so did each row.

ALTER TABLE usage_events ALTER COLUMN source TYPE TEXT COLLATE "C";
ALTER TABLE usage_events ALTER COLUMN event_id TYPE TEXT COLLATE "C";
ALTER TABLE clients ALTER COLUMN external_id TYPE TEXT COLLATE "C";
