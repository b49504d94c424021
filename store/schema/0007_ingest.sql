-- What a call costs as it is recorded.

-- An account's row is rewritten with each batch that names its client: room on the page keeps the indexes out of it.
ALTER TABLE accounts SET (fillfactor = 50);

-- Whoever records an event or a movement of the wallet holds the row of the client's account, and that row has a key to
-- the client. Asking for the client once more with every row cost a quarter of writing it; the audit follows the pointer.
ALTER TABLE usage_events DROP CONSTRAINT usage_events_agency_id_client_id_fkey;
ALTER TABLE wallet_entries DROP CONSTRAINT wallet_entries_agency_id_client_id_fkey;
