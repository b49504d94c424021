# An edit makes a new version in the catalog. A running subscription keeps the terms it started with.
> plan Gold fee=99.00 included=300
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 99.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 99.00 = 99.00
> plan Gold fee=149.00 included=10
plan Gold is version 2
> at 2027-01-08
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
> mark PR-1 PAID
2027-01-08 00:00  payment MANUAL 99.00 USD, 99.00 on PR-000001
2027-01-08 00:00  PR-000001 OVERDUE -> PAID
2027-01-08 00:00  subscription past_due -> active
2027-01-08 00:00  access: denied, payment_overdue -> allowed
> show
active on Gold version 1 since 2027-01-08 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, allowed
> at 2027-02-01
2027-02-01 00:00  period 0 closes: nothing
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000002 issued: RECURRING 99.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-02-15 00:00
    Gold: recurring fee | 1 period x 99.00 = 99.00
# Whoever starts anew starts on the version of the day.
> cancel requests=cancel
2027-02-01 00:00  PR-000002 PENDING -> CANCELED
2027-02-01 00:00  period 1 closes: nothing
2027-02-01 00:00  subscription active -> canceled
2027-02-01 00:00  access: allowed -> denied, no_subscription
> start
2027-02-01 00:00  subscription started on Gold version 2, anchor 2027-02-01T00:00:00 in UTC
2027-02-01 00:00  period 0 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000003 issued: RECURRING 149.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-02-15 00:00
    Gold: recurring fee | 1 period x 149.00 = 149.00
2027-02-01 00:00  access: denied, no_subscription -> allowed
> show
active on Gold version 2 since 2027-02-01 00:00, period 0 (2027-02-01 00:00 to 2027-03-01 00:00): used nothing
wallet 0 s, allowed
