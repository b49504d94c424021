# Grace ends at the very instant the period ends: the subscription is blocked first, so no period ends.
> plan Tight fee=10.00 every=2xWEEK due=7 grace=7
plan Tight is version 1
> assign Tight
2027-01-01 00:00  plan Tight (version 1) assigned
> start
2027-01-01 00:00  subscription started on Tight version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-01-15 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Tight: recurring fee | 1 period x 10.00 = 10.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> at 2027-01-15
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
2027-01-15 00:00  subscription past_due -> blocked
2027-01-15 00:00  access: denied, payment_overdue -> denied, subscription_blocked
> show
blocked on Tight version 1 since 2027-01-15 00:00, period 0 (2027-01-01 00:00 to 2027-01-15 00:00): used nothing
wallet 0 s, denied, subscription_blocked
# A cancellation at period end comes before the period's end: no new period, no new fee.
> cancel
2027-01-15 00:00  period 0 closes: nothing
2027-01-15 00:00  subscription blocked -> canceled
2027-01-15 00:00  access: denied, subscription_blocked -> denied, no_subscription
> start
2027-01-15 00:00  subscription started on Tight version 1, anchor 2027-01-15T00:00:00 in UTC
2027-01-15 00:00  period 0 opens: 2027-01-15 00:00 to 2027-01-29 00:00
2027-01-15 00:00  PR-000002 issued: RECURRING 10.00 USD PENDING, due 2027-01-22 00:00, grace ends 2027-01-29 00:00
    Tight: recurring fee | 1 period x 10.00 = 10.00
2027-01-15 00:00  access: denied, no_subscription -> denied, minutes_exhausted
> mark PR-2 PAID
2027-01-15 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000002
2027-01-15 00:00  PR-000002 PENDING -> PAID
> cancel at-period-end
2027-01-15 00:00  cancellation scheduled for 2027-01-29 00:00
> at 2027-01-29
2027-01-29 00:00  period 0 closes: nothing
2027-01-29 00:00  subscription active -> canceled
2027-01-29 00:00  access: denied, minutes_exhausted -> denied, no_subscription
# A due date that falls on the period's end is late first; then the period turns.
> plan Slow fee=10.00 every=1xWEEK due=7 grace=7
plan Slow is version 1
> assign Slow
2027-01-29 00:00  plan Slow (version 1) assigned
> start at 2027-02-01
2027-02-01 00:00  subscription started on Slow version 1, anchor 2027-02-01T00:00:00 in UTC
2027-02-01 00:00  period 0 opens: 2027-02-01 00:00 to 2027-02-08 00:00
2027-02-01 00:00  PR-000003 issued: RECURRING 10.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-02-15 00:00
    Slow: recurring fee | 1 period x 10.00 = 10.00
2027-02-01 00:00  access: denied, no_subscription -> denied, minutes_exhausted
> at 2027-02-08
2027-02-08 00:00  PR-000003 PENDING -> OVERDUE
2027-02-08 00:00  subscription active -> past_due
2027-02-08 00:00  period 0 closes: nothing
2027-02-08 00:00  period 1 opens: 2027-02-08 00:00 to 2027-02-15 00:00
2027-02-08 00:00  PR-000004 issued: RECURRING 10.00 USD PENDING, due 2027-02-15 00:00, grace ends 2027-02-22 00:00
    Slow: recurring fee | 1 period x 10.00 = 10.00
2027-02-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
