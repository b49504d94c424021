-- What a page sums or sorts by is read from an index alone.

-- What each client owes, since when.
DROP INDEX payment_requests_open;
CREATE INDEX payment_requests_open ON payment_requests (agency_id, client_id, currency, currency_digits, due_at, amount, amount_paid, status, id)
    WHERE status IN ('PENDING', 'OVERDUE', 'FAILED');

-- How many subscriptions run on each version of a plan, who is late, who is out of minutes, and whose period ends next.
DROP INDEX subscriptions_plan;
CREATE INDEX subscriptions_plan ON subscriptions (agency_id, plan_id, plan_version, status) WHERE status <> 'canceled';
CREATE INDEX subscriptions_late ON subscriptions (agency_id, status, client_id) WHERE status IN ('blocked', 'past_due');
CREATE INDEX periods_open ON periods (agency_id, end_at, subscription_id) WHERE closed_at IS NULL;
CREATE INDEX accounts_exhausted ON accounts (agency_id, client_id) WHERE access_reason = 'minutes_exhausted';
