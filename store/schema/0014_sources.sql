-- Lists of one source's events are counted without reading them, and a call is found by its id among all clients.
-- source_days can be rebuilt from usage_events and usage_corrections, and from usage_archived; the audit does so.

-- A day has up to eight rows a source, which add up to it, as in agency_days.
CREATE TABLE source_days (
    agency_id BIGINT NOT NULL,
    source    TEXT COLLATE "C" NOT NULL,
    day       BIGINT NOT NULL, -- 20271231: that of each event, by the calendar of its client
    shard     BIGINT NOT NULL,
    events    BIGINT NOT NULL, -- voided ones too
    unrated   BIGINT NOT NULL,
    voided    BIGINT NOT NULL,
    first_id  BIGINT NOT NULL, -- where they lie among the agency's; the greatest number for the first and the least for the last where
    last_id   BIGINT NOT NULL, -- only corrections were counted
    PRIMARY KEY (agency_id, source, day, shard)
);

INSERT INTO source_days
SELECT agency_id, source, day, 0, SUM(events), SUM(unrated), SUM(voided), MIN(first_id), MAX(last_id)
FROM (
    SELECT e.agency_id, e.source, e.day, COUNT(*) AS events, SUM(CASE WHEN v.usage_event_id IS NULL AND e.status = 'UNRATED' THEN 1 ELSE 0 END) AS unrated,
           COUNT(v.usage_event_id) AS voided, MIN(e.id) AS first_id, MAX(e.id) AS last_id
    FROM usage_events e LEFT JOIN usage_corrections v ON v.agency_id = e.agency_id AND v.usage_event_id = e.id AND v.void
    GROUP BY e.agency_id, e.source, e.day
    UNION ALL
    SELECT agency_id, source, day, COUNT(*), SUM(CASE WHEN status = 'UNRATED' THEN 1 ELSE 0 END), 0, MIN(id), MAX(id)
    FROM usage_archived
    GROUP BY agency_id, source, day
) AS stored
GROUP BY agency_id, source, day;

-- Its rows are rewritten with each call: room on the page keeps the index out of it.
ALTER TABLE source_days SET (fillfactor = 10);

-- By which a call is found among the events that are not named like theirs: the head of a digest of its id. The program reckons it
-- for the rows that are there.
ALTER TABLE usage_events ADD COLUMN call_key BIGINT;
