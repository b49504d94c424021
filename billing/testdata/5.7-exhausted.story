# Exhausted: no included minutes, no usable wallet, no rate or its cap reached. A pack, an adjustment, a void or a new
# period lifts it.
> plan Gold fee=9.00 included=10 packs grace=60
plan Gold is version 1
> pack Two minutes=2 price=1.00
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Two
2027-01-01 00:00  packs offered: Two
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-03-09 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> use c1 10m at 2027-01-02
2027-01-02 00:00  c1 recorded RATED: billed 10 min = included 10 min
2027-01-02 00:00  access: allowed -> denied, minutes_exhausted
> access
denied, minutes_exhausted: All minutes of this period are used since 2 Jan 2027.
lifted by: One of: the next period on 1 Feb 2027, an add-on pack, an adjustment by the agency.
> apply Two
2027-01-02 00:00  PR-000002 issued: PACK 1.00 USD PENDING, due 2027-01-09 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-01-02 00:00  wallet +2 min by PACK: now 2 min
2027-01-02 00:00  access: denied, minutes_exhausted -> allowed
> access
allowed, for at most 2 min: Calls are allowed.
> use c2 3m at 2027-01-03
2027-01-03 00:00  c2 recorded RATED: billed 3 min = wallet 2 min + uncovered 1 min
2027-01-03 00:00  access: allowed -> denied, minutes_exhausted
> adjust 1.00 because goodwill
2027-01-03 00:00  wallet +1 min by ADJUSTMENT: now 1 min because goodwill
2027-01-03 00:00  access: denied, minutes_exhausted -> allowed
> adjust -1.00 because taken back
2027-01-03 00:00  wallet -1 min by ADJUSTMENT: now 0 s because taken back
2027-01-03 00:00  access: allowed -> denied, minutes_exhausted
> void c2 because a test call
2027-01-03 00:00  c2 voided; period 0: wallet -2 min + uncovered -1 min; wallet +2 min because a test call
2027-01-03 00:00  access: denied, minutes_exhausted -> allowed
> use c3 2m
2027-01-03 00:00  c3 recorded RATED: billed 2 min = wallet 2 min
2027-01-03 00:00  access: allowed -> denied, minutes_exhausted
> mark PR-1 PAID
2027-01-03 00:00  payment MANUAL 9.00 USD, 9.00 on PR-000001
2027-01-03 00:00  PR-000001 PENDING -> PAID
> at 2027-02-01
2027-01-09 00:00  PR-000002 PENDING -> OVERDUE
2027-02-01 00:00  period 0 closes: included 10 min + wallet 2 min
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000003 issued: RECURRING 9.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-04-09 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
2027-02-01 00:00  access: denied, minutes_exhausted -> allowed
# A cap that is reached exhausts too.
> cancel requests=cancel
2027-02-01 00:00  PR-000003 PENDING -> CANCELED
2027-02-01 00:00  period 1 closes: nothing
2027-02-01 00:00  subscription active -> canceled
2027-02-01 00:00  access: allowed -> denied, no_subscription
> plan Capped fee=9.00 included=1 rate=0.10 cap=2
plan Capped is version 1
> assign Capped
2027-02-01 00:00  plan Capped (version 1) assigned
> start
2027-02-01 00:00  subscription started on Capped version 1, anchor 2027-02-01T00:00:00 in UTC
2027-02-01 00:00  period 0 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000004 issued: RECURRING 9.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-02-15 00:00
    Capped: recurring fee | 1 period x 9.00 = 9.00
2027-02-01 00:00  access: denied, no_subscription -> allowed
> use c4 2m59.999s
2027-02-01 00:00  c4 recorded RATED: billed 2 min 59.999 s = included 1 min + billable 1 min 59.999 s
> access
allowed, for at most 0.001 s: Calls are allowed.
> use c5 0.001s
2027-02-01 00:00  c5 recorded RATED: billed 0.001 s = billable 0.001 s
2027-02-01 00:00  access: allowed -> denied, minutes_exhausted
> access
denied, minutes_exhausted: All minutes of this period are used since 1 Feb 2027.
lifted by: The next period on 1 Mar 2027.
# Only what would really lift it is named: no next period after a cancellation, no wallet where there are no packs.
> cancel at-period-end
2027-02-01 00:00  cancellation scheduled for 2027-03-01 00:00
> access
denied, minutes_exhausted: All minutes of this period are used since 1 Feb 2027.
lifted by: A change of plan by the agency.
