# Now: the period closes, its billable minutes are billed, open requests are kept, the wallet stays.
> plan Gold fee=10.00 included=10 rate=1.00 packs
plan Gold is version 1
> pack Two minutes=2 price=1.00
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Two
2027-01-01 00:00  packs offered: Two
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> use c1 13m at 2027-01-03
2027-01-03 00:00  c1 recorded RATED: billed 13 min = included 10 min + billable 3 min
> apply Two
2027-01-03 00:00  PR-000002 issued: PACK 1.00 USD PENDING, due 2027-01-10 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-01-03 00:00  wallet +2 min by PACK: now 2 min
> cancel because the client moved away
2027-01-03 00:00  period 0 closes: included 10 min + billable 3 min
2027-01-03 00:00  PR-000003 issued: USAGE 3.00 USD PENDING, due 2027-01-10 00:00, grace ends 2027-01-17 00:00
    Gold: minutes beyond the included and add-on minutes | 3.00 minute x 1.00 = 3.00
2027-01-03 00:00  subscription active -> canceled because the client moved away
2027-01-03 00:00  access: allowed -> denied, no_subscription
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PENDING 10.00 USD, paid 0.00, due 10.00
PR-000002 (PR00000275) ADDON PENDING 1.00 USD, paid 0.00, due 1.00
PR-000003 (PR00000372) OVERAGE PENDING 3.00 USD, paid 0.00, due 3.00
> show
canceled on Gold version 1 since 2027-01-03 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used included 10 min + billable 3 min
wallet 2 min, denied, no_subscription
# The kept requests go on by themselves, and revive nothing.
> at 2027-01-20
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-10 00:00  PR-000002 PENDING -> OVERDUE
2027-01-10 00:00  PR-000003 PENDING -> OVERDUE
> mark PR-1 PAID
2027-01-20 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000001
2027-01-20 00:00  PR-000001 OVERDUE -> PAID
> show
canceled on Gold version 1 since 2027-01-03 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used included 10 min + billable 3 min
wallet 2 min, denied, no_subscription
# Canceling the open requests, billing nothing; pack requests stay.
> start
2027-01-20 00:00  subscription started on Gold version 1, anchor 2027-01-20T00:00:00 in UTC
2027-01-20 00:00  period 0 opens: 2027-01-20 00:00 to 2027-02-20 00:00
2027-01-20 00:00  PR-000004 issued: RECURRING 10.00 USD PENDING, due 2027-01-27 00:00, grace ends 2027-02-03 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-20 00:00  access: denied, no_subscription -> allowed
> use c2 15m
2027-01-20 00:00  c2 recorded RATED: billed 15 min = included 10 min + wallet 2 min + billable 3 min
> cancel requests=cancel bill=no
2027-01-20 00:00  PR-000004 PENDING -> CANCELED
2027-01-20 00:00  period 0 closes: included 10 min + wallet 2 min + billable 3 min
2027-01-20 00:00  subscription active -> canceled
2027-01-20 00:00  access: allowed -> denied, no_subscription
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PAID 10.00 USD, paid 10.00, due 0.00, paid at 2027-01-20 00:00
PR-000002 (PR00000275) ADDON OVERDUE 1.00 USD, paid 0.00, due 1.00
PR-000003 (PR00000372) OVERAGE OVERDUE 3.00 USD, paid 0.00, due 3.00
PR-000004 (PR00000469) SUBSCRIPTION CANCELED 10.00 USD, paid 0.00, due 0.00
# At period end.
> start
2027-01-20 00:00  subscription started on Gold version 1, anchor 2027-01-20T00:00:00 in UTC
2027-01-20 00:00  period 0 opens: 2027-01-20 00:00 to 2027-02-20 00:00
2027-01-20 00:00  PR-000005 issued: RECURRING 10.00 USD PENDING, due 2027-01-27 00:00, grace ends 2027-02-03 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-20 00:00  access: denied, no_subscription -> allowed
> mark PR-5 PAID
2027-01-20 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000005
2027-01-20 00:00  PR-000005 PENDING -> PAID
> use c3 11m
2027-01-20 00:00  c3 recorded RATED: billed 11 min = included 10 min + billable 1 min
> cancel at-period-end because of the budget
2027-01-20 00:00  cancellation scheduled for 2027-02-20 00:00
> upcoming
! 2027-02-20 00:00  The subscription is canceled, 1.00 USD for 1.00 billable minutes so far requested, due 27 Feb 2027. The wallet stays.
> at 2027-02-20
2027-02-20 00:00  period 0 closes: included 10 min + billable 1 min
2027-02-20 00:00  PR-000006 issued: USAGE 1.00 USD PENDING, due 2027-02-27 00:00, grace ends 2027-03-06 00:00
    Gold: minutes beyond the included and add-on minutes | 1.00 minute x 1.00 = 1.00
2027-02-20 00:00  subscription active -> canceled because of the budget
2027-02-20 00:00  access: allowed -> denied, no_subscription
> at 2027-06-01
2027-02-27 00:00  PR-000006 PENDING -> OVERDUE
> show
canceled on Gold version 1 since 2027-02-20 00:00, period 0 (2027-01-20 00:00 to 2027-02-20 00:00): used included 10 min + billable 1 min
wallet 0 s, denied, no_subscription
# Who is past due can cancel as well.
> start at 2028-01-01
2028-01-01 00:00  subscription started on Gold version 1, anchor 2028-01-01T00:00:00 in UTC
2028-01-01 00:00  period 0 opens: 2028-01-01 00:00 to 2028-02-01 00:00
2028-01-01 00:00  PR-000007 issued: RECURRING 10.00 USD PENDING, due 2028-01-08 00:00, grace ends 2028-01-15 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2028-01-01 00:00  access: denied, no_subscription -> allowed
> at 2028-01-08
2028-01-08 00:00  PR-000007 PENDING -> OVERDUE
2028-01-08 00:00  subscription active -> past_due
2028-01-08 00:00  access: allowed -> denied, payment_overdue
> cancel because it is too dear
2028-01-08 00:00  period 0 closes: nothing
2028-01-08 00:00  subscription past_due -> canceled because it is too dear
2028-01-08 00:00  access: denied, payment_overdue -> denied, no_subscription
