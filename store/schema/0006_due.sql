-- What has come due is found by one index: production by the real now, each sandbox by its own clock.

ALTER TABLE accounts ADD COLUMN sandbox BOOLEAN NOT NULL DEFAULT FALSE; -- its agency has a test clock

UPDATE accounts SET sandbox = TRUE WHERE agency_id IN (SELECT id FROM agencies WHERE test_clock IS NOT NULL);

DROP INDEX accounts_due;

CREATE INDEX accounts_due ON accounts (next_due, client_id) WHERE next_due IS NOT NULL AND NOT sandbox;
CREATE INDEX accounts_due_sandbox ON accounts (agency_id, next_due, client_id) WHERE next_due IS NOT NULL AND sandbox;
