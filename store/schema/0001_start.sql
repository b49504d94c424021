-- The first schema. It is written in PostgreSQL's words; for SQLite, the program
-- says some of them otherwise, so keep to these:
--
--   BIGINT       integers, money (minor units), minutes (milliseconds), instants
--                (microseconds, UTC), ids           SQLite: INTEGER
--   BOOLEAN      with TRUE and FALSE                SQLite: INTEGER
--   BYTEA        bytes                              SQLite: BLOB
--   TEXT         text; TEXT COLLATE "C" for what is sorted by or compared with
--                < and > in SQL                     SQLite: TEXT
--   );           alone at the start of a line ends
--                a table                            SQLite: ) STRICT;
--
-- The file runs as one piece, in one transaction, forwards only. Once released,
-- it is never edited: a change is the next file.

-- One row, written to prove that the database can be written.
CREATE TABLE readiness (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    writes BIGINT NOT NULL
);

INSERT INTO readiness (id, writes) VALUES (1, 0);

-- ---------------------------------------------------------------- the agency

CREATE TABLE agencies (
    id                   BIGINT NOT NULL PRIMARY KEY,
    name                 TEXT NOT NULL CHECK (name <> ''),
    timezone             TEXT NOT NULL,
    currency             TEXT NOT NULL,
    currencies           TEXT NOT NULL, -- JSON: decimals of the agency's own currency codes
    recovery             TEXT NOT NULL CHECK (recovery IN ('NONE_OVERDUE', 'NONE_UNPAID')),
    blocked_exit         TEXT NOT NULL CHECK (blocked_exit IN ('RESTART', 'ON_PAYMENT')),
    portal_start         BOOLEAN NOT NULL,
    portal_request_packs BOOLEAN NOT NULL,
    payment_instructions TEXT NOT NULL, -- JSON
    test_clock           BIGINT, -- a sandbox's now; NULL in production
    next_request_number  BIGINT NOT NULL CHECK (next_request_number > 0),
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL
);

CREATE TABLE api_keys (
    agency_id    BIGINT NOT NULL REFERENCES agencies (id),
    id           BIGINT NOT NULL,
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL, -- public: finds the row
    secret_hash  BYTEA NOT NULL, -- SHA-256 of the whole key
    scopes       TEXT NOT NULL, -- space-separated
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    disabled_at  BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (agency_id, id)
);

CREATE UNIQUE INDEX api_keys_prefix ON api_keys (prefix);

-- --------------------------------------------------------------- the catalog

CREATE TABLE plans (
    agency_id   BIGINT NOT NULL REFERENCES agencies (id),
    id          BIGINT NOT NULL,
    version     BIGINT NOT NULL CHECK (version > 0),
    name        TEXT NOT NULL,
    archived_at BIGINT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id)
);

-- Every edit is a version; none is ever changed.
CREATE TABLE plan_versions (
    agency_id  BIGINT NOT NULL,
    plan_id    BIGINT NOT NULL,
    version    BIGINT NOT NULL CHECK (version > 0),
    terms      TEXT NOT NULL, -- JSON
    created_at BIGINT NOT NULL,
    PRIMARY KEY (agency_id, plan_id, version),
    FOREIGN KEY (agency_id, plan_id) REFERENCES plans (agency_id, id)
);

CREATE TABLE packs (
    agency_id       BIGINT NOT NULL REFERENCES agencies (id),
    id              BIGINT NOT NULL,
    name            TEXT NOT NULL,
    description     TEXT NOT NULL,
    minutes_ms      BIGINT NOT NULL CHECK (minutes_ms > 0),
    price           BIGINT NOT NULL CHECK (price >= 0),
    currency        TEXT NOT NULL,
    currency_digits BIGINT NOT NULL CHECK (currency_digits BETWEEN 0 AND 8),
    archived_at     BIGINT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id)
);

-- --------------------------------------------------------------- the clients

CREATE TABLE clients (
    agency_id   BIGINT NOT NULL REFERENCES agencies (id),
    id          BIGINT NOT NULL,
    name        TEXT NOT NULL CHECK (name <> ''),
    name_key    TEXT NOT NULL, -- lower case, for search
    email       TEXT NOT NULL,
    external_id TEXT, -- the agency's own name for the client
    timezone    TEXT NOT NULL, -- empty: the agency's
    locale      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id)
);

CREATE UNIQUE INDEX clients_external_id ON clients (agency_id, external_id);

-- People of the agency (client_id is NULL) and of its clients.
CREATE TABLE users (
    agency_id     BIGINT NOT NULL REFERENCES agencies (id),
    id            BIGINT NOT NULL,
    client_id     BIGINT,
    email         TEXT NOT NULL, -- lower case
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER', 'CLIENT')),
    password_hash TEXT NOT NULL, -- argon2id in PHC form, or empty until the invitation is accepted
    invite_hash   BYTEA, -- SHA-256 of the invitation's token
    invite_until  BIGINT,
    disabled_at   BIGINT,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id),
    CHECK ((role = 'CLIENT') = (client_id IS NOT NULL))
);

CREATE UNIQUE INDEX users_email ON users (agency_id, email);
CREATE INDEX users_login ON users (email);
CREATE UNIQUE INDEX users_invite ON users (invite_hash);

-- A login; the token itself is only in the browser's cookie.
CREATE TABLE sessions (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    agency_id  BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (agency_id, user_id) REFERENCES users (agency_id, id)
);

CREATE INDEX sessions_user ON sessions (agency_id, user_id);

-- One row a client: its account at rest. Whoever changes the client holds this row. Everything in it can be rebuilt
-- from facts and usage_events; the audit does so.
CREATE TABLE accounts (
    agency_id       BIGINT NOT NULL,
    client_id       BIGINT NOT NULL,
    seq             BIGINT NOT NULL CHECK (seq >= 0), -- facts so far
    plan_id         BIGINT, -- assigned
    denial_policy   TEXT NOT NULL CHECK (denial_policy IN ('PAUSE_ALL', 'OUTBOUND_ONLY')),
    hold_reason     TEXT NOT NULL,
    hold_since      BIGINT,
    override_until  BIGINT,
    override_reason TEXT NOT NULL,
    subscription_id BIGINT, -- the newest
    period_index    BIGINT NOT NULL,
    period_start    BIGINT,
    period_end      BIGINT,
    period_closed   BIGINT,
    included_ms     BIGINT NOT NULL CHECK (included_ms >= 0), -- drawn in the period
    wallet_used_ms  BIGINT NOT NULL CHECK (wallet_used_ms >= 0),
    billable_ms     BIGINT NOT NULL CHECK (billable_ms >= 0),
    uncovered_ms    BIGINT NOT NULL CHECK (uncovered_ms >= 0),
    wallet_ms       BIGINT NOT NULL CHECK (wallet_ms >= 0), -- the balance
    exhausted_since BIGINT,
    access_reason   TEXT NOT NULL CHECK (access_reason IN ('', 'subscription_blocked', 'payment_overdue', 'no_subscription', 'minutes_exhausted', 'agency_hold')),
    access_since    BIGINT,
    next_due        BIGINT, -- when something happens by itself
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (agency_id, client_id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id),
    FOREIGN KEY (agency_id, plan_id) REFERENCES plans (agency_id, id),
    CHECK ((hold_since IS NULL) = (hold_reason = '')),
    CHECK (period_end > period_start)
);

CREATE INDEX accounts_due ON accounts (next_due) WHERE next_due IS NOT NULL;

-- The packs offered to a client, in order.
CREATE TABLE client_packs (
    agency_id BIGINT NOT NULL,
    client_id BIGINT NOT NULL,
    pack_id   BIGINT NOT NULL,
    place     BIGINT NOT NULL,
    PRIMARY KEY (agency_id, client_id, pack_id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id),
    FOREIGN KEY (agency_id, pack_id) REFERENCES packs (agency_id, id)
);

-- Everything that happened to a client but its usage, which stands in usage_events. Append-only.
CREATE TABLE facts (
    agency_id   BIGINT NOT NULL,
    client_id   BIGINT NOT NULL,
    seq         BIGINT NOT NULL CHECK (seq > 0), -- one sequence a client, shared with usage_events
    id          BIGINT NOT NULL, -- time-ordered
    name        TEXT NOT NULL,
    body        TEXT NOT NULL, -- JSON
    at          BIGINT NOT NULL, -- the fact's own instant
    recorded_at BIGINT NOT NULL,
    actor       TEXT NOT NULL, -- who
    command     TEXT NOT NULL, -- by which act
    reason      TEXT NOT NULL, -- why
    before      TEXT NOT NULL, -- JSON: what it changed
    after       TEXT NOT NULL,
    PRIMARY KEY (agency_id, client_id, seq),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id)
);

CREATE UNIQUE INDEX facts_id ON facts (agency_id, client_id, id);

-- Facts on their way out of the house, written with the change they tell of.
CREATE TABLE outbox (
    agency_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    client_id   BIGINT NOT NULL,
    seq         BIGINT NOT NULL, -- rises per client: a receiver ignores the older
    name        TEXT NOT NULL,
    body        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id)
);

-- ----------------------------------------------------------- subscriptions

CREATE TABLE subscriptions (
    agency_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    client_id    BIGINT NOT NULL,
    plan_id      BIGINT NOT NULL,
    plan_version BIGINT NOT NULL,
    terms        TEXT NOT NULL, -- JSON: the snapshot
    timezone     TEXT NOT NULL,
    anchor       TEXT NOT NULL, -- local date and time
    status       TEXT NOT NULL CHECK (status IN ('active', 'past_due', 'blocked', 'canceled')),
    status_since BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    cancel       TEXT NOT NULL, -- JSON: what is scheduled for the period's end, or empty
    canceled_at  BIGINT,
    reason       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id),
    FOREIGN KEY (agency_id, plan_id, plan_version) REFERENCES plan_versions (agency_id, plan_id, version),
    CHECK ((status = 'canceled') = (canceled_at IS NOT NULL))
);

-- At most one live subscription a client.
CREATE UNIQUE INDEX subscriptions_live ON subscriptions (agency_id, client_id) WHERE status <> 'canceled';
CREATE INDEX subscriptions_client ON subscriptions (agency_id, client_id, id);
CREATE INDEX subscriptions_plan ON subscriptions (agency_id, plan_id) WHERE status <> 'canceled';

-- The periods of a subscription. Figures are those at closing; the open period's stand in accounts.
CREATE TABLE periods (
    agency_id       BIGINT NOT NULL,
    subscription_id BIGINT NOT NULL,
    idx             BIGINT NOT NULL CHECK (idx >= 0),
    start_at        BIGINT NOT NULL,
    end_at          BIGINT NOT NULL,
    closed_at       BIGINT,
    closed_seq      BIGINT, -- its closing's place among the client's facts
    included_ms     BIGINT NOT NULL CHECK (included_ms >= 0),
    wallet_ms       BIGINT NOT NULL CHECK (wallet_ms >= 0),
    billable_ms     BIGINT NOT NULL CHECK (billable_ms >= 0),
    uncovered_ms    BIGINT NOT NULL CHECK (uncovered_ms >= 0),
    PRIMARY KEY (agency_id, subscription_id, idx),
    FOREIGN KEY (agency_id, subscription_id) REFERENCES subscriptions (agency_id, id),
    CHECK (end_at > start_at)
);

-- --------------------------------------------------------------- money

CREATE TABLE payment_requests (
    agency_id           BIGINT NOT NULL,
    id                  BIGINT NOT NULL,
    number              BIGINT NOT NULL CHECK (number > 0),
    reference           TEXT NOT NULL,
    client_id           BIGINT NOT NULL,
    subscription_id     BIGINT,
    period_index        BIGINT,
    kind                TEXT NOT NULL CHECK (kind IN ('RECURRING', 'USAGE', 'PACK', 'ONE_TIME')),
    status              TEXT NOT NULL CHECK (status IN ('PENDING', 'PAID', 'OVERDUE', 'FAILED', 'CANCELED')),
    currency            TEXT NOT NULL,
    currency_digits     BIGINT NOT NULL CHECK (currency_digits BETWEEN 0 AND 8),
    lines               TEXT NOT NULL, -- JSON
    amount              BIGINT NOT NULL CHECK (amount >= 0),
    amount_paid         BIGINT NOT NULL CHECK (amount_paid >= 0 AND amount_paid <= amount),
    period_start        BIGINT,
    period_end          BIGINT,
    issued_at           BIGINT NOT NULL,
    due_at              BIGINT NOT NULL,
    grace_ends_at       BIGINT,
    paid_at             BIGINT,
    external_payment_id TEXT NOT NULL,
    notes               TEXT NOT NULL,
    settlement_id       BIGINT,
    settlement          BIGINT NOT NULL,
    pack_id             BIGINT,
    pack_ms             BIGINT NOT NULL,
    clawed_back_ms      BIGINT NOT NULL,
    shortfall_ms        BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id),
    FOREIGN KEY (agency_id, subscription_id) REFERENCES subscriptions (agency_id, id),
    FOREIGN KEY (agency_id, pack_id) REFERENCES packs (agency_id, id),
    CHECK ((status = 'PAID') = (paid_at IS NOT NULL)),
    CHECK (status <> 'PAID' OR amount_paid = amount),
    CHECK ((kind IN ('RECURRING', 'USAGE')) = (period_index IS NOT NULL))
);

CREATE UNIQUE INDEX payment_requests_number ON payment_requests (agency_id, number);
CREATE UNIQUE INDEX payment_requests_reference ON payment_requests (agency_id, reference);
-- Exactly one of each per subscription, period and kind, whatever retries or parallel workers do.
CREATE UNIQUE INDEX payment_requests_once ON payment_requests (agency_id, subscription_id, period_index, kind) WHERE period_index IS NOT NULL;
CREATE INDEX payment_requests_client ON payment_requests (agency_id, client_id, id);
CREATE INDEX payment_requests_open ON payment_requests (agency_id, client_id) WHERE status IN ('PENDING', 'OVERDUE', 'FAILED');

-- Money received, applied, reversed. Append-only: amount = the sum of the allocations + credit.
CREATE TABLE payments (
    agency_id       BIGINT NOT NULL,
    id              BIGINT NOT NULL,
    client_id       BIGINT NOT NULL,
    currency        TEXT NOT NULL,
    currency_digits BIGINT NOT NULL CHECK (currency_digits BETWEEN 0 AND 8),
    amount          BIGINT NOT NULL,
    credit          BIGINT NOT NULL,
    method          TEXT NOT NULL,
    reference       TEXT NOT NULL,
    received_at     BIGINT NOT NULL,
    reverses        BIGINT,
    recorded_at     BIGINT NOT NULL,
    actor           TEXT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id),
    FOREIGN KEY (agency_id, reverses) REFERENCES payments (agency_id, id)
);

CREATE INDEX payments_client ON payments (agency_id, client_id, id);
CREATE UNIQUE INDEX payments_reversed_once ON payments (agency_id, reverses) WHERE reverses IS NOT NULL;

CREATE TABLE payment_allocations (
    agency_id          BIGINT NOT NULL,
    payment_id         BIGINT NOT NULL,
    payment_request_id BIGINT NOT NULL,
    amount             BIGINT NOT NULL,
    PRIMARY KEY (agency_id, payment_id, payment_request_id),
    FOREIGN KEY (agency_id, payment_id) REFERENCES payments (agency_id, id),
    FOREIGN KEY (agency_id, payment_request_id) REFERENCES payment_requests (agency_id, id)
);

-- The client's credit, one row a currency.
CREATE TABLE credits (
    agency_id       BIGINT NOT NULL,
    client_id       BIGINT NOT NULL,
    currency        TEXT NOT NULL,
    currency_digits BIGINT NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (agency_id, client_id, currency),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id)
);

-- Money given back on minutes of closed periods, waiting for the next Usage request.
CREATE TABLE credit_lines (
    agency_id       BIGINT NOT NULL,
    id              BIGINT NOT NULL,
    client_id       BIGINT NOT NULL,
    currency        TEXT NOT NULL,
    currency_digits BIGINT NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount > 0),
    left_amount     BIGINT NOT NULL CHECK (left_amount >= 0 AND left_amount <= amount),
    usage_event_id  BIGINT NOT NULL,
    description     TEXT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id)
);

CREATE INDEX credit_lines_client ON credit_lines (agency_id, client_id);

-- --------------------------------------------------------------- minutes

-- Every movement of a wallet. Append-only.
CREATE TABLE wallet_entries (
    agency_id          BIGINT NOT NULL,
    id                 BIGINT NOT NULL,
    client_id          BIGINT NOT NULL,
    seq                BIGINT NOT NULL,
    at                 BIGINT NOT NULL,
    kind               TEXT NOT NULL CHECK (kind IN ('PACK', 'CLAWBACK', 'CLAWBACK_RETURNED', 'ADJUSTMENT', 'USAGE', 'VOID')),
    delta_ms           BIGINT NOT NULL,
    balance_ms         BIGINT NOT NULL CHECK (balance_ms >= 0),
    payment_request_id BIGINT,
    pack_id            BIGINT,
    usage_event_id     BIGINT,
    reason             TEXT NOT NULL,
    actor              TEXT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id)
);

CREATE INDEX wallet_entries_client ON wallet_entries (agency_id, client_id, id);
-- A pack request credits the wallet once.
CREATE UNIQUE INDEX wallet_entries_pack_once ON wallet_entries (agency_id, payment_request_id) WHERE kind = 'PACK';

-- Every ended call and chat, with its split. Append-only.
CREATE TABLE usage_events (
    agency_id       BIGINT NOT NULL,
    id              BIGINT NOT NULL,
    client_id       BIGINT NOT NULL,
    seq             BIGINT NOT NULL, -- its place among the client's facts
    source          TEXT NOT NULL,
    event_id        TEXT NOT NULL,
    content_hash    BYTEA NOT NULL, -- of what was reported: tells a repeat from a conflict
    kind            TEXT NOT NULL CHECK (kind IN ('CALL', 'CHAT')),
    started_at      BIGINT,
    ended_at        BIGINT NOT NULL,
    raw_ms          BIGINT NOT NULL CHECK (raw_ms >= 0),
    chats           BIGINT NOT NULL CHECK (chats >= 0),
    call_id         TEXT NOT NULL,
    campaign_id     TEXT NOT NULL,
    assistant_id    TEXT NOT NULL,
    phone_number    TEXT NOT NULL,
    direction       TEXT NOT NULL,
    cost_micros     BIGINT NOT NULL,
    cost_currency   TEXT NOT NULL,
    metadata        TEXT NOT NULL, -- JSON object or empty
    tags            TEXT NOT NULL, -- JSON array or empty
    status          TEXT NOT NULL CHECK (status IN ('RATED', 'UNRATED')),
    subscription_id BIGINT,
    period_index    BIGINT NOT NULL,
    call_period     BIGINT NOT NULL,
    late            BOOLEAN NOT NULL,
    billed_ms       BIGINT NOT NULL CHECK (billed_ms >= 0),
    included_ms     BIGINT NOT NULL CHECK (included_ms >= 0),
    wallet_ms       BIGINT NOT NULL CHECK (wallet_ms >= 0),
    billable_ms     BIGINT NOT NULL CHECK (billable_ms >= 0),
    uncovered_ms    BIGINT NOT NULL CHECK (uncovered_ms >= 0),
    recorded_at     BIGINT NOT NULL,
    actor           TEXT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id),
    CHECK (billed_ms = included_ms + wallet_ms + billable_ms + uncovered_ms)
);

CREATE UNIQUE INDEX usage_events_once ON usage_events (agency_id, source, event_id);
CREATE UNIQUE INDEX usage_events_client ON usage_events (agency_id, client_id, seq);

-- Voids, and later reports of the same call that differ. Append-only; the event itself is never changed.
CREATE TABLE usage_corrections (
    agency_id       BIGINT NOT NULL,
    id              BIGINT NOT NULL,
    usage_event_id  BIGINT NOT NULL,
    client_id       BIGINT NOT NULL,
    seq             BIGINT NOT NULL,
    void            BOOLEAN NOT NULL,
    raw_ms          BIGINT NOT NULL,
    billed_ms       BIGINT NOT NULL,
    parts           TEXT NOT NULL, -- JSON: what it adds to each period
    wallet_delta_ms BIGINT NOT NULL,
    reason          TEXT NOT NULL,
    actor           TEXT NOT NULL,
    recorded_at     BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, usage_event_id) REFERENCES usage_events (agency_id, id)
);

CREATE INDEX usage_corrections_event ON usage_corrections (agency_id, usage_event_id);
CREATE UNIQUE INDEX usage_corrections_void_once ON usage_corrections (agency_id, usage_event_id) WHERE void;

-- What was refused, kept so that it can be corrected and replayed.
CREATE TABLE rejected_events (
    agency_id   BIGINT NOT NULL REFERENCES agencies (id),
    id          BIGINT NOT NULL,
    source      TEXT NOT NULL,
    event_id    TEXT NOT NULL,
    body        TEXT NOT NULL, -- JSON as it was sent
    field       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    tries       BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    replayed_at BIGINT,
    usage_event_id BIGINT,
    PRIMARY KEY (agency_id, id)
);

CREATE UNIQUE INDEX rejected_events_once ON rejected_events (agency_id, source, event_id) WHERE replayed_at IS NULL AND event_id <> '';

-- ------------------------------------------------------------ campaigns

CREATE TABLE campaigns (
    agency_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    client_id    BIGINT NOT NULL,
    name         TEXT NOT NULL,
    external_id  TEXT NOT NULL,
    direction    TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('RUNNING', 'PAUSED', 'STOPPED')),
    paused_by    TEXT NOT NULL CHECK (paused_by IN ('', 'BILLING', 'USER')),
    pause_reason TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id),
    CHECK ((status = 'PAUSED') = (paused_by <> ''))
);

CREATE INDEX campaigns_client ON campaigns (agency_id, client_id, id);

-- ------------------------------------------------------------ provider doors

CREATE TABLE connections (
    agency_id  BIGINT NOT NULL REFERENCES agencies (id),
    id         BIGINT NOT NULL,
    provider   TEXT NOT NULL,
    name       TEXT NOT NULL,
    door       TEXT NOT NULL, -- the unguessable part of its URLs
    secret     BYTEA NOT NULL, -- encrypted
    client_tag TEXT NOT NULL,
    enabled    BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (agency_id, id)
);

CREATE UNIQUE INDEX connections_door ON connections (door);

CREATE TABLE connection_mappings (
    agency_id     BIGINT NOT NULL,
    connection_id BIGINT NOT NULL,
    match         TEXT NOT NULL CHECK (match IN ('ASSISTANT', 'NUMBER', 'LOCATION')),
    value         TEXT NOT NULL,
    client_id     BIGINT NOT NULL,
    PRIMARY KEY (agency_id, connection_id, match, value),
    FOREIGN KEY (agency_id, connection_id) REFERENCES connections (agency_id, id),
    FOREIGN KEY (agency_id, client_id) REFERENCES clients (agency_id, id)
);

CREATE INDEX connection_mappings_value ON connection_mappings (agency_id, match, value);

-- Calls whose client nobody named yet.
CREATE TABLE unassigned_events (
    agency_id      BIGINT NOT NULL,
    id             BIGINT NOT NULL,
    connection_id  BIGINT NOT NULL,
    source         TEXT NOT NULL,
    event_id       TEXT NOT NULL,
    event          TEXT NOT NULL, -- JSON: the usage event but its client
    client_tag     TEXT NOT NULL,
    assistant_id   TEXT NOT NULL,
    phone_number   TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    assigned_at    BIGINT,
    usage_event_id BIGINT,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, connection_id) REFERENCES connections (agency_id, id)
);

CREATE UNIQUE INDEX unassigned_events_once ON unassigned_events (agency_id, source, event_id) WHERE assigned_at IS NULL;

-- ------------------------------------------------------------ books about the books

-- Who did what to what is not a client's account: catalog, settings, keys, people, connections. Append-only.
CREATE TABLE audit_entries (
    agency_id   BIGINT NOT NULL REFERENCES agencies (id),
    id          BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    command     TEXT NOT NULL,
    subject     TEXT NOT NULL, -- "plan:123"
    client_id   BIGINT,
    reason      TEXT NOT NULL,
    before      TEXT NOT NULL, -- JSON
    after       TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    PRIMARY KEY (agency_id, id)
);

CREATE INDEX audit_entries_client ON audit_entries (agency_id, client_id, id);

-- The first answer to every Idempotency-Key, written with its effect.
CREATE TABLE idempotency_keys (
    agency_id    BIGINT NOT NULL REFERENCES agencies (id),
    key          TEXT NOT NULL,
    fingerprint  BYTEA NOT NULL, -- of method, path and content
    claim        BIGINT NOT NULL, -- who is working on it
    claimed_at   BIGINT NOT NULL,
    finished_at  BIGINT,
    status       BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    body         BYTEA NOT NULL,
    PRIMARY KEY (agency_id, key)
);

CREATE INDEX idempotency_keys_age ON idempotency_keys (claimed_at);
