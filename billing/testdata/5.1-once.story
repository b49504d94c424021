# The same event again has no second effect; the same id with another content is refused, and nothing changes.
> plan Gold fee=99.00 included=300 rate=0.25 packs
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 99.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 99.00 = 99.00
> use c1 5m at 2027-01-02
2027-01-02 00:00  c1 recorded RATED: billed 5 min = included 5 min
> use c1 5m
seen before: nothing happens, the first result is answered
> use c1 6m
refused (conflict event_conflict): c1 was reported before with 5 min, now with 6 min.
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used included 5 min
wallet 0 s, allowed
