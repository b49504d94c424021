-- A client's name in lower case, for lists that are sorted by it.
ALTER TABLE clients ADD COLUMN name_sort TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE clients SET name_sort = name_key;
CREATE INDEX clients_name ON clients (agency_id, name_sort, id);

-- Lists of requests by age, of all clients.
CREATE INDEX payment_requests_due ON payment_requests (agency_id, due_at) WHERE status IN ('PENDING', 'OVERDUE', 'FAILED');
