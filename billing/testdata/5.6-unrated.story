# Without a live subscription, or before its start, a call is recorded and nothing is drawn.
> plan Gold fee=9.00 included=10
plan Gold is version 1
> use c1 4m
2027-01-01 00:00  c1 recorded UNRATED: billed 0 s
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start at 2027-01-05 12:00:00
2027-01-05 12:00  subscription started on Gold version 1, anchor 2027-01-05T12:00:00 in UTC
2027-01-05 12:00  period 0 opens: 2027-01-05 12:00 to 2027-02-05 12:00
2027-01-05 12:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-01-12 12:00, grace ends 2027-01-19 12:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> use c2 4m ended=2027-01-05T11:59:59
2027-01-05 12:00  c2 recorded UNRATED: billed 0 s
> use c3 4m ended=2027-01-05T12:00:00
2027-01-05 12:00  c3 recorded RATED: billed 4 min = included 4 min
> cancel
2027-01-05 12:00  period 0 closes: included 4 min
2027-01-05 12:00  subscription active -> canceled
2027-01-05 12:00  access: allowed -> denied, no_subscription
> use c4 4m at 2027-01-06
2027-01-06 00:00  c4 recorded UNRATED: billed 0 s
> adjust 5.00 because to see that it stays
2027-01-06 00:00  wallet +5 min by ADJUSTMENT: now 5 min because to see that it stays
> use c5 4m
2027-01-06 00:00  c5 recorded UNRATED: billed 0 s
> show
canceled on Gold version 1 since 2027-01-05 12:00, period 0 (2027-01-05 12:00 to 2027-02-05 12:00): used included 4 min
wallet 5 min, denied, no_subscription
