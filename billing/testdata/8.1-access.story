# The first reason that holds: blocked, overdue, no subscription, exhausted, hold. Who never had one is not managed.
> access
allowed: The client never had a subscription, so billing does not restrict its calls.
> plan Gold fee=10.00 included=1
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> hold because it is disputed
2027-01-01 00:00  hold set because it is disputed
2027-01-01 00:00  access: allowed -> denied, agency_hold
> access
denied, agency_hold: The agency put the account on hold on 1 Jan 2027: it is disputed
lifted by: The agency lifting its hold.
> use c1 1m at 2027-01-02
2027-01-02 00:00  c1 recorded RATED: billed 1 min = included 1 min
2027-01-02 00:00  access: denied, agency_hold -> denied, minutes_exhausted
> access
denied, minutes_exhausted: All minutes of this period are used since 2 Jan 2027.
lifted by: The next period on 1 Feb 2027.
> at 2027-01-08
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
> access
denied, payment_overdue: Payment is overdue: PR-000001 (10.00 USD). Calls and campaigns are paused since 8 Jan 2027.
lifted by: Payment of PR-000001 (10.00 USD).
> at 2027-01-15
2027-01-15 00:00  subscription past_due -> blocked
2027-01-15 00:00  access: denied, payment_overdue -> denied, subscription_blocked
> access
denied, subscription_blocked: The subscription is blocked since 15 Jan 2027 because PR-000001 (10.00 USD) stayed unpaid past the grace period. Calls and campaigns are paused.
lifted by: Canceling the subscription and starting a new one.
> cancel
2027-01-15 00:00  period 0 closes: included 1 min
2027-01-15 00:00  subscription blocked -> canceled
2027-01-15 00:00  access: denied, subscription_blocked -> denied, no_subscription
> access
denied, no_subscription: The subscription was canceled on 15 Jan 2027 and there is no new one.
lifted by: Starting a new subscription.
> start
2027-01-15 00:00  subscription started on Gold version 1, anchor 2027-01-15T00:00:00 in UTC
2027-01-15 00:00  period 0 opens: 2027-01-15 00:00 to 2027-02-15 00:00
2027-01-15 00:00  PR-000002 issued: RECURRING 10.00 USD PENDING, due 2027-01-22 00:00, grace ends 2027-01-29 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-15 00:00  access: denied, no_subscription -> denied, agency_hold
> access
denied, agency_hold: The agency put the account on hold on 1 Jan 2027: it is disputed
lifted by: The agency lifting its hold.
> release
2027-01-15 00:00  hold lifted
2027-01-15 00:00  access: denied, agency_hold -> allowed
> access
allowed, for at most 1 min: Calls are allowed.
> hold
refused (invalid invalid): reason: is required: say why the client may not call
