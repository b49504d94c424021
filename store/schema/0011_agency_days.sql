-- An agency's usage by day, so that its pages and reports need not add up a row for each of its clients.
-- Everything here can be rebuilt from usage_days; the audit adds those up.

-- A day has up to eight rows, which add up to it: transactions that record usage at the same time each have their own, or all
-- calls of an agency would wait for one another.
CREATE TABLE agency_days (
    agency_id    BIGINT NOT NULL,
    day          BIGINT NOT NULL, -- 20271231: that of each call, by the calendar of its client
    shard        BIGINT NOT NULL,
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
    first_id     BIGINT NOT NULL, -- where its events lie among the agency's; the greatest number for the first and the least for
    last_id      BIGINT NOT NULL, -- the last where only corrections were counted
    PRIMARY KEY (agency_id, day, shard)
);

INSERT INTO agency_days
SELECT agency_id, day, 0, SUM(events), SUM(unrated), SUM(voided), SUM(calls), SUM(chats), SUM(raw_ms), SUM(billed_ms),
       SUM(included_ms), SUM(wallet_ms), SUM(billable_ms), SUM(uncovered_ms), MIN(first_id), MAX(last_id)
FROM usage_days
GROUP BY agency_id, day;

-- Its rows are rewritten with each call: room on the page keeps the index out of it.
ALTER TABLE agency_days SET (fillfactor = 10);
