# Late is a formula: open, and the due date has come. A failed or partly paid request is open too.
> plan Gold fee=10.00 due=7 grace=7
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> mark PR-1 FAILED
2027-01-01 00:00  PR-000001 PENDING -> FAILED
> payment 4.00 USD PR-1=4.00
2027-01-01 00:00  payment BANK 4.00 USD, 4.00 on PR-000001
> at 2027-01-07 23:59:59
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, denied, minutes_exhausted
> at 2027-01-08
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
> show requests
PR-000001 (PR00000178) SUBSCRIPTION FAILED 10.00 USD, paid 4.00, due 6.00
> at 2027-01-15
2027-01-15 00:00  subscription past_due -> blocked
2027-01-15 00:00  access: denied, payment_overdue -> denied, subscription_blocked
# Pack and one-time requests become overdue and change nothing else.
> cancel requests=cancel
2027-01-15 00:00  payment RELEASE 0.00 USD, -4.00 on PR-000001, client credit 4.00
2027-01-15 00:00  PR-000001 FAILED -> CANCELED
2027-01-15 00:00  period 0 closes: nothing
2027-01-15 00:00  subscription blocked -> canceled
2027-01-15 00:00  access: denied, subscription_blocked -> denied, no_subscription
> plan Packs fee=0.00 packs
plan Packs is version 1
> pack Two minutes=2 price=1.00
> assign Packs
2027-01-15 00:00  plan Packs (version 1) assigned
> offer Two
2027-01-15 00:00  packs offered: Two
> start
2027-01-15 00:00  subscription started on Packs version 1, anchor 2027-01-15T00:00:00 in UTC
2027-01-15 00:00  period 0 opens: 2027-01-15 00:00 to 2027-02-15 00:00
2027-01-15 00:00  access: denied, no_subscription -> denied, minutes_exhausted
> apply Two
2027-01-15 00:00  PR-000002 issued: PACK 1.00 USD PENDING, due 2027-01-22 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-01-15 00:00  wallet +2 min by PACK: now 2 min
2027-01-15 00:00  access: denied, minutes_exhausted -> allowed
> ask 5.00 USD due=2027-01-16
2027-01-15 00:00  PR-000003 issued: ONE_TIME 5.00 USD PENDING, due 2027-01-16 00:00
    Work | 1 item x 5.00 = 5.00
> at 2027-02-14
2027-01-16 00:00  PR-000003 PENDING -> OVERDUE
2027-01-22 00:00  PR-000002 PENDING -> OVERDUE
> show
active on Packs version 1 since 2027-01-15 00:00, period 0 (2027-01-15 00:00 to 2027-02-15 00:00): used nothing
wallet 2 min, allowed
client credit 4.00 USD
# Without grace a late request blocks at once; without due days it is late at birth.
> cancel
2027-02-14 00:00  period 0 closes: nothing
2027-02-14 00:00  subscription active -> canceled
2027-02-14 00:00  access: allowed -> denied, no_subscription
> plan Strict fee=10.00 due=1 grace=0
plan Strict is version 1
> assign Strict
2027-02-14 00:00  plan Strict (version 1) assigned
> start
2027-02-14 00:00  subscription started on Strict version 1, anchor 2027-02-14T00:00:00 in UTC
2027-02-14 00:00  period 0 opens: 2027-02-14 00:00 to 2027-03-14 00:00
2027-02-14 00:00  PR-000004 issued: RECURRING 10.00 USD PENDING, due 2027-02-15 00:00, grace ends 2027-02-15 00:00
    Strict: recurring fee | 1 period x 10.00 = 10.00
2027-02-14 00:00  access: denied, no_subscription -> denied, minutes_exhausted
> at 2027-02-15
2027-02-15 00:00  PR-000004 PENDING -> OVERDUE
2027-02-15 00:00  subscription active -> past_due
2027-02-15 00:00  subscription past_due -> blocked
2027-02-15 00:00  access: denied, minutes_exhausted -> denied, subscription_blocked
> cancel requests=cancel
2027-02-15 00:00  PR-000004 OVERDUE -> CANCELED
2027-02-15 00:00  period 0 closes: nothing
2027-02-15 00:00  subscription blocked -> canceled
2027-02-15 00:00  access: denied, subscription_blocked -> denied, no_subscription
> plan Prepaid fee=10.00 due=0 grace=3
plan Prepaid is version 1
> assign Prepaid
2027-02-15 00:00  plan Prepaid (version 1) assigned
> start
2027-02-15 00:00  subscription started on Prepaid version 1, anchor 2027-02-15T00:00:00 in UTC
2027-02-15 00:00  period 0 opens: 2027-02-15 00:00 to 2027-03-15 00:00
2027-02-15 00:00  PR-000005 issued: RECURRING 10.00 USD PENDING, due 2027-02-15 00:00, grace ends 2027-02-18 00:00
    Prepaid: recurring fee | 1 period x 10.00 = 10.00
2027-02-15 00:00  PR-000005 PENDING -> OVERDUE
2027-02-15 00:00  subscription active -> past_due
2027-02-15 00:00  access: denied, no_subscription -> denied, payment_overdue
> mark PR-5 PAID
2027-02-15 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000005
2027-02-15 00:00  PR-000005 OVERDUE -> PAID
2027-02-15 00:00  subscription past_due -> active
2027-02-15 00:00  access: denied, payment_overdue -> denied, minutes_exhausted
