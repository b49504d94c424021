# active -> past_due -> blocked -> canceled; past_due -> active. A canceled subscription never lives again.
> plan Gold fee=9.00
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> at 2027-01-08
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
> mark PR-1 PAID
2027-01-08 00:00  payment MANUAL 9.00 USD, 9.00 on PR-000001
2027-01-08 00:00  PR-000001 OVERDUE -> PAID
2027-01-08 00:00  subscription past_due -> active
2027-01-08 00:00  access: denied, payment_overdue -> denied, minutes_exhausted
> mark PR-1 FAILED
2027-01-08 00:00  payment REVERSAL -9.00 USD, -9.00 on PR-000001
2027-01-08 00:00  PR-000001 PAID -> FAILED
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
> at 2027-01-15
2027-01-15 00:00  subscription past_due -> blocked
2027-01-15 00:00  access: denied, payment_overdue -> denied, subscription_blocked
> cancel
2027-01-15 00:00  period 0 closes: nothing
2027-01-15 00:00  subscription blocked -> canceled
2027-01-15 00:00  access: denied, subscription_blocked -> denied, no_subscription
> mark PR-1 PAID
2027-01-15 00:00  payment MANUAL 9.00 USD, 9.00 on PR-000001
2027-01-15 00:00  PR-000001 FAILED -> PAID
> show
canceled on Gold version 1 since 2027-01-15 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, denied, no_subscription
> cancel
refused (conflict subscription_not_live): The subscription is canceled. Start a new one.
> undo
refused (conflict subscription_not_live): The subscription is canceled. Start a new one.
> start
2027-01-15 00:00  subscription started on Gold version 1, anchor 2027-01-15T00:00:00 in UTC
2027-01-15 00:00  period 0 opens: 2027-01-15 00:00 to 2027-02-15 00:00
2027-01-15 00:00  PR-000002 issued: RECURRING 9.00 USD PENDING, due 2027-01-22 00:00, grace ends 2027-01-29 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
2027-01-15 00:00  access: denied, no_subscription -> denied, minutes_exhausted
> show
active on Gold version 1 since 2027-01-15 00:00, period 0 (2027-01-15 00:00 to 2027-02-15 00:00): used nothing
wallet 0 s, denied, minutes_exhausted
