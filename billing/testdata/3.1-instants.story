# A period is half-open: its first instant belongs to it, its last to the next one.
> plan Gold fee=99.00 included=300 rate=0.25 packs
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start at 2027-01-01 09:30:15
2027-01-01 09:30:15  subscription started on Gold version 1, anchor 2027-01-01T09:30:15 in UTC
2027-01-01 09:30:15  period 0 opens: 2027-01-01 09:30:15 to 2027-02-01 09:30:15
2027-01-01 09:30:15  PR-000001 issued: RECURRING 99.00 USD PENDING, due 2027-01-08 09:30:15, grace ends 2027-01-15 09:30:15
    Gold: recurring fee | 1 period x 99.00 = 99.00
> mark PR-1 PAID
2027-01-01 09:30:15  payment MANUAL 99.00 USD, 99.00 on PR-000001
2027-01-01 09:30:15  PR-000001 PENDING -> PAID
> use c1 10m at 2027-02-01 09:30:14
2027-02-01 09:30:14  c1 recorded RATED: billed 10 min = included 10 min
> use c2 10m at 2027-02-01 09:30:15
2027-02-01 09:30:15  period 0 closes: included 10 min
2027-02-01 09:30:15  period 1 opens: 2027-02-01 09:30:15 to 2027-03-01 09:30:15
2027-02-01 09:30:15  PR-000002 issued: RECURRING 99.00 USD PENDING, due 2027-02-08 09:30:15, grace ends 2027-02-15 09:30:15
    Gold: recurring fee | 1 period x 99.00 = 99.00
2027-02-01 09:30:15  c2 recorded RATED: billed 10 min = included 10 min
> show
active on Gold version 1 since 2027-01-01 09:30:15, period 1 (2027-02-01 09:30:15 to 2027-03-01 09:30:15): used included 10 min
wallet 0 s, allowed
