-- Usage events of long closed periods, moved out of the database into files. What the database keeps of them: where each
-- one is, and that it was there, so that a repeat never counts twice.

-- What files of this database carry, so that one of another database is not taken for one of ours.
CREATE TABLE database_identity (
    id       BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    identity BIGINT NOT NULL
);

-- One row a file: some calls that ended in one month, by the calendar days they count for.
CREATE TABLE usage_archives (
    agency_id    BIGINT NOT NULL REFERENCES agencies (id),
    month        BIGINT NOT NULL, -- 202712
    part         BIGINT NOT NULL CHECK (part > 0),
    file         TEXT NOT NULL, -- below the archive's folder
    sha256       BYTEA NOT NULL, -- of the file as it lies there
    events       BIGINT NOT NULL CHECK (events > 0),
    raw_ms       BIGINT NOT NULL,
    billed_ms    BIGINT NOT NULL,
    included_ms  BIGINT NOT NULL,
    wallet_ms    BIGINT NOT NULL,
    billable_ms  BIGINT NOT NULL,
    uncovered_ms BIGINT NOT NULL,
    first_id     BIGINT NOT NULL, -- of its events
    last_id      BIGINT NOT NULL,
    first_client BIGINT NOT NULL, -- its events are in the order of their clients
    last_client  BIGINT NOT NULL,
    archived_at  BIGINT NOT NULL,
    PRIMARY KEY (agency_id, month, part),
    CHECK (billed_ms = included_ms + wallet_ms + billable_ms + uncovered_ms)
);

-- One row an archived event, for ever: an event is here or in usage_events.
CREATE TABLE usage_archived (
    agency_id    BIGINT NOT NULL,
    source       TEXT COLLATE "C" NOT NULL,
    event_id     TEXT COLLATE "C" NOT NULL,
    id           BIGINT NOT NULL,
    client_id    BIGINT NOT NULL,
    month        BIGINT NOT NULL,
    part         BIGINT NOT NULL,
    content_hash BYTEA NOT NULL, -- tells a repeat from a conflict
    status       TEXT NOT NULL CHECK (status IN ('RATED', 'UNRATED')),
    day          BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    PRIMARY KEY (agency_id, source, event_id)
);

CREATE UNIQUE INDEX usage_archived_id ON usage_archived (agency_id, id);
