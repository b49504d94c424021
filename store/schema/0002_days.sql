-- Usage summed as it is recorded, so that pages, reports and the totals of lists need not read the events.
-- Everything here can be rebuilt from usage_events and usage_corrections; the audit does so.

-- The day on which the call ended: by the calendar of the client's zone, else the agency's, when it was recorded.
ALTER TABLE usage_events ADD COLUMN day BIGINT NOT NULL DEFAULT 0; -- 20271231

-- How many events the client has.
ALTER TABLE accounts ADD COLUMN events BIGINT NOT NULL DEFAULT 0;

-- One row a client and day. Corrections count for the day of their event, and voided events no more.
CREATE TABLE usage_days (
    agency_id    BIGINT NOT NULL,
    client_id    BIGINT NOT NULL,
    day          BIGINT NOT NULL,
    events       BIGINT NOT NULL, -- voided ones too
    unrated      BIGINT NOT NULL,
    voided       BIGINT NOT NULL,
    calls        BIGINT NOT NULL,
    chats        BIGINT NOT NULL,
    raw_ms       BIGINT NOT NULL,
    billed_ms    BIGINT NOT NULL,
    included_ms  BIGINT NOT NULL,
    wallet_ms    BIGINT NOT NULL,
    billable_ms  BIGINT NOT NULL,
    uncovered_ms BIGINT NOT NULL,
    first_id     BIGINT NOT NULL, -- where its events lie among the agency's
    last_id      BIGINT NOT NULL,
    first_seq    BIGINT NOT NULL, -- and among the client's
    last_seq     BIGINT NOT NULL,
    first_ended  BIGINT NOT NULL,
    last_ended   BIGINT NOT NULL,
    PRIMARY KEY (agency_id, client_id, day)
);

CREATE INDEX usage_days_day ON usage_days (agency_id, day);

-- What the provider took, by the currency it was reported in. A void gives nothing back of it.
CREATE TABLE usage_costs (
    agency_id     BIGINT NOT NULL,
    client_id     BIGINT NOT NULL,
    day           BIGINT NOT NULL,
    cost_currency TEXT NOT NULL,
    cost_micros   BIGINT NOT NULL,
    PRIMARY KEY (agency_id, client_id, day, cost_currency)
);

CREATE INDEX usage_costs_day ON usage_costs (agency_id, day);

-- Their rows are rewritten all day long: room on the page keeps the indexes out of it.
ALTER TABLE usage_days SET (fillfactor = 50);
ALTER TABLE usage_costs SET (fillfactor = 50);
