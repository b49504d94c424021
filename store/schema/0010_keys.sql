-- What a renewal costs. Whoever writes one of these rows holds the row of the client's account, and that row has a key to
-- the client; the subscription is the account's own, and neither is ever deleted. Asked again for each row, both cost a
-- third of what the database does for a renewal. The audit follows the pointers.

ALTER TABLE facts DROP CONSTRAINT facts_agency_id_client_id_fkey;
ALTER TABLE outbox DROP CONSTRAINT outbox_agency_id_client_id_fkey;
ALTER TABLE payment_requests DROP CONSTRAINT payment_requests_agency_id_client_id_fkey;
ALTER TABLE payment_requests DROP CONSTRAINT payment_requests_agency_id_subscription_id_fkey;
ALTER TABLE periods DROP CONSTRAINT periods_agency_id_subscription_id_fkey;
