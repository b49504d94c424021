# A cancellation at period end can be taken back until it takes effect.
> plan Gold fee=10.00 grace=60
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-03-09 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> undo
refused (conflict no_scheduled_cancel): No cancellation is scheduled for this subscription.
> cancel at-period-end
2027-01-01 00:00  cancellation scheduled for 2027-02-01 00:00
> undo at 2027-01-31 23:59:59
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
2027-01-31 23:59:59  scheduled cancellation undone
> at 2027-02-01
2027-02-01 00:00  period 0 closes: nothing
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000002 issued: RECURRING 10.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-04-09 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> cancel at-period-end
2027-02-01 00:00  cancellation scheduled for 2027-03-01 00:00
> undo at 2027-03-01
2027-02-08 00:00  PR-000002 PENDING -> OVERDUE
2027-03-01 00:00  period 1 closes: nothing
2027-03-01 00:00  subscription past_due -> canceled
2027-03-01 00:00  access: denied, payment_overdue -> denied, no_subscription
refused (conflict subscription_not_live): The subscription is canceled. Start a new one.
