# A call that happened is recorded whatever the balance. What cannot have happened is refused with its reason.
> plan Small fee=5.00 included=1
plan Small is version 1
> assign Small
2027-01-01 00:00  plan Small (version 1) assigned
> start
2027-01-01 00:00  subscription started on Small version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 5.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Small: recurring fee | 1 period x 5.00 = 5.00
> use c1 10m at 2027-01-02 12:00:00
2027-01-02 12:00  c1 recorded RATED: billed 10 min = included 1 min + uncovered 9 min
2027-01-02 12:00  access: allowed -> denied, minutes_exhausted
> use c2 10m
2027-01-02 12:00  c2 recorded RATED: billed 10 min = uncovered 10 min
> use bad1 -1s
refused (invalid invalid): duration_ms: must not be negative
> use bad2 24h0m0.001s
refused (invalid invalid): duration_ms: must be at most 24 hours (86400000)
> use day 24h
2027-01-02 12:00  day recorded RATED: billed 1440 min = uncovered 1440 min
> use bad3 1m started=2027-01-02T12:00:00 ended=2027-01-02T11:59:59
refused (invalid invalid): ended_at: lies before started_at
> use bad4 1m ended=2027-01-02T12:10:01
refused (invalid invalid): ended_at: lies more than 10 minutes in the future; check the clock of the sender
> use soon 1m ended=2027-01-02T12:10:00
2027-01-02 12:00  soon recorded RATED: billed 1 min = uncovered 1 min
> chat bad5 0
refused (invalid invalid): chats: must be between 1 and 100000
