# Included minutes first, then the wallet, then billable up to the cap; the rest is uncovered. One call is split to the
# millisecond.
> plan Gold fee=9.00 included=10 rate=0.25 packs cap=2
plan Gold is version 1
> pack Two minutes=2 price=1.00
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Two
2027-01-01 00:00  packs offered: Two
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> apply Two
2027-01-01 00:00  PR-000002 issued: PACK 1.00 USD PENDING, due 2027-01-08 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-01-01 00:00  wallet +2 min by PACK: now 2 min
> use c1 9m50s at 2027-01-03
2027-01-03 00:00  c1 recorded RATED: billed 9 min 50 s = included 9 min 50 s
> use c2 3m20.5s at 2027-01-04
2027-01-04 00:00  c2 recorded RATED: billed 3 min 20.5 s = included 10 s + wallet 2 min + billable 1 min 10.5 s
> use c3 5m at 2027-01-05
2027-01-05 00:00  c3 recorded RATED: billed 5 min = billable 49.5 s + uncovered 4 min 10.5 s
2027-01-05 00:00  access: allowed -> denied, minutes_exhausted
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used included 10 min + wallet 2 min + billable 2 min + uncovered 4 min 10.5 s
wallet 0 s, denied, minutes_exhausted
# Without add-on packs in the terms the wallet rests; without a rate nothing is billed.
> plan Bare fee=9.00 included=10
plan Bare is version 1
> cancel requests=cancel
2027-01-05 00:00  PR-000001 PENDING -> CANCELED
2027-01-05 00:00  period 0 closes: included 10 min + wallet 2 min + billable 2 min + uncovered 4 min 10.5 s
2027-01-05 00:00  PR-000003 issued: USAGE 0.50 USD PENDING, due 2027-01-12 00:00, grace ends 2027-01-19 00:00
    Gold: minutes beyond the included and add-on minutes | 2.00 minute x 0.25 = 0.50
2027-01-05 00:00  subscription active -> canceled
2027-01-05 00:00  access: denied, minutes_exhausted -> denied, no_subscription
> adjust 30.00 because a present
2027-01-05 00:00  wallet +30 min by ADJUSTMENT: now 30 min because a present
> assign Bare
2027-01-05 00:00  plan Bare (version 1) assigned
> start
2027-01-05 00:00  subscription started on Bare version 1, anchor 2027-01-05T00:00:00 in UTC
2027-01-05 00:00  period 0 opens: 2027-01-05 00:00 to 2027-02-05 00:00
2027-01-05 00:00  PR-000004 issued: RECURRING 9.00 USD PENDING, due 2027-01-12 00:00, grace ends 2027-01-19 00:00
    Bare: recurring fee | 1 period x 9.00 = 9.00
2027-01-05 00:00  access: denied, no_subscription -> allowed
> use c4 12m
2027-01-05 00:00  c4 recorded RATED: billed 12 min = included 10 min + uncovered 2 min
2027-01-05 00:00  access: allowed -> denied, minutes_exhausted
> show
active on Bare version 1 since 2027-01-05 00:00, period 0 (2027-01-05 00:00 to 2027-02-05 00:00): used included 10 min + uncovered 2 min
wallet 30 min, denied, minutes_exhausted
