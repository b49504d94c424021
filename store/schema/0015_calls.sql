-- Keys of one day lie side by side: a call that comes finds the page of its key in memory, however many old ones there are.

CREATE INDEX usage_events_call ON usage_events (day, call_key) WHERE call_key IS NOT NULL;
