# Blocked is sticky: paying does not lift it, no period opens, nothing is requested, the figures wait.
> plan Gold fee=10.00 included=10 rate=1.00
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> use c1 12m at 2027-01-10
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
2027-01-10 00:00  c1 recorded RATED: billed 12 min = included 10 min + billable 2 min
> at 2027-01-15
2027-01-15 00:00  subscription past_due -> blocked
2027-01-15 00:00  access: denied, payment_overdue -> denied, subscription_blocked
> access
denied, subscription_blocked: The subscription is blocked since 15 Jan 2027 because PR-000001 (10.00 USD) stayed unpaid past the grace period. Calls and campaigns are paused.
lifted by: Canceling the subscription and starting a new one.
> cancel at-period-end because of the agency
2027-01-15 00:00  cancellation scheduled for 2027-02-01 00:00
> undo
2027-01-15 00:00  scheduled cancellation undone
> mark PR-1 PAID
2027-01-15 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000001
2027-01-15 00:00  PR-000001 OVERDUE -> PAID
> use c2 1m at 2027-03-10
2027-03-10 00:00  c2 recorded RATED: billed 1 min = billable 1 min
> show
blocked on Gold version 1 since 2027-01-15 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used included 10 min + billable 3 min
wallet 0 s, denied, subscription_blocked
> cancel at-period-end
refused (conflict period_over): The subscription is blocked and its period is over, so there is no period end to wait for. Cancel it now.
> cancel
2027-03-10 00:00  period 0 closes: included 10 min + billable 3 min
2027-03-10 00:00  PR-000002 issued: USAGE 3.00 USD PENDING, due 2027-03-17 00:00, grace ends 2027-03-24 00:00
    Gold: minutes beyond the included and add-on minutes | 3.00 minute x 1.00 = 3.00
2027-03-10 00:00  subscription blocked -> canceled
2027-03-10 00:00  access: denied, subscription_blocked -> denied, no_subscription
> start
2027-03-10 00:00  subscription started on Gold version 1, anchor 2027-03-10T00:00:00 in UTC
2027-03-10 00:00  period 0 opens: 2027-03-10 00:00 to 2027-04-10 00:00
2027-03-10 00:00  PR-000003 issued: RECURRING 10.00 USD PENDING, due 2027-03-17 00:00, grace ends 2027-03-24 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-03-10 00:00  access: denied, no_subscription -> allowed
# Where the agency allows it, paying the last late request revives: the periods that passed are skipped, not billed,
# and the grid's current slot opens. The new fee is due counted from now.
> setting blocked_exit ON_PAYMENT
> use c3 11m at 2027-03-11
2027-03-11 00:00  c3 recorded RATED: billed 11 min = included 10 min + billable 1 min
> at 2027-06-20
2027-03-17 00:00  PR-000002 PENDING -> OVERDUE
2027-03-17 00:00  PR-000003 PENDING -> OVERDUE
2027-03-17 00:00  subscription active -> past_due
2027-03-17 00:00  access: allowed -> denied, payment_overdue
2027-03-24 00:00  subscription past_due -> blocked
2027-03-24 00:00  access: denied, payment_overdue -> denied, subscription_blocked
> access
denied, subscription_blocked: The subscription is blocked since 24 Mar 2027 because PR-000003 (10.00 USD) stayed unpaid past the grace period. Calls and campaigns are paused.
lifted by: Payment of PR-000003 (10.00 USD).
> mark PR-3 PAID
2027-06-20 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000003
2027-06-20 00:00  PR-000003 OVERDUE -> PAID
2027-06-20 00:00  subscription blocked -> active
2027-06-20 00:00  period 0 closes: included 10 min + billable 1 min
2027-06-20 00:00  PR-000004 issued: USAGE 1.00 USD PENDING, due 2027-06-27 00:00, grace ends 2027-07-04 00:00
    Gold: minutes beyond the included and add-on minutes | 1.00 minute x 1.00 = 1.00
2027-06-20 00:00  period 3 opens: 2027-06-10 00:00 to 2027-07-10 00:00
2027-06-20 00:00  PR-000005 issued: RECURRING 10.00 USD PENDING, due 2027-06-27 00:00, grace ends 2027-07-04 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-06-20 00:00  access: denied, subscription_blocked -> allowed
> show
active on Gold version 1 since 2027-06-20 00:00, period 3 (2027-06-10 00:00 to 2027-07-10 00:00): used nothing
wallet 0 s, allowed
# Within its own period it simply goes on.
> mark PR-4 PAID
2027-06-20 00:00  payment MANUAL 1.00 USD, 1.00 on PR-000004
2027-06-20 00:00  PR-000004 PENDING -> PAID
> mark PR-5 PAID
2027-06-20 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000005
2027-06-20 00:00  PR-000005 PENDING -> PAID
> at 2027-07-10
2027-07-10 00:00  period 3 closes: nothing
2027-07-10 00:00  period 4 opens: 2027-07-10 00:00 to 2027-08-10 00:00
2027-07-10 00:00  PR-000006 issued: RECURRING 10.00 USD PENDING, due 2027-07-17 00:00, grace ends 2027-07-24 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> at 2027-07-25
2027-07-17 00:00  PR-000006 PENDING -> OVERDUE
2027-07-17 00:00  subscription active -> past_due
2027-07-17 00:00  access: allowed -> denied, payment_overdue
2027-07-24 00:00  subscription past_due -> blocked
2027-07-24 00:00  access: denied, payment_overdue -> denied, subscription_blocked
> mark PR-6 PAID
2027-07-25 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000006
2027-07-25 00:00  PR-000006 OVERDUE -> PAID
2027-07-25 00:00  subscription blocked -> active
2027-07-25 00:00  access: denied, subscription_blocked -> allowed
> show
active on Gold version 1 since 2027-07-25 00:00, period 4 (2027-07-10 00:00 to 2027-08-10 00:00): used nothing
wallet 0 s, allowed
