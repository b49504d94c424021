-- The digests are there now, and no two are the same.

CREATE UNIQUE INDEX usage_events_once ON usage_events (key_head, key_tail);

-- Archived events lose the index of texts as well. It was their primary key, so the table is made anew.
ALTER TABLE usage_archived RENAME TO usage_archived_before;

CREATE TABLE usage_archived (
    agency_id    BIGINT NOT NULL,
    source       TEXT COLLATE "C" NOT NULL,
    event_id     TEXT COLLATE "C" NOT NULL,
    key_head     BIGINT NOT NULL,
    key_tail     BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    client_id    BIGINT NOT NULL,
    month        BIGINT NOT NULL,
    part         BIGINT NOT NULL,
    content_hash BYTEA NOT NULL, -- tells a repeat from a conflict
    status       TEXT NOT NULL CHECK (status IN ('RATED', 'UNRATED')),
    day          BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id)
);

INSERT INTO usage_archived
SELECT agency_id, source, event_id, key_head, key_tail, id, client_id, month, part, content_hash, status, day, ended_at
FROM usage_archived_before;

DROP TABLE usage_archived_before;

CREATE UNIQUE INDEX usage_archived_once ON usage_archived (key_head, key_tail);
