# Each denial says what happened, since when, and what exactly lifts it, in the client's own time.
> zone America/New_York
> plan Gold fee=10.00 included=1 packs due=1 grace=1
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start at 2027-01-01 03:00:00
2027-01-01 03:00  subscription started on Gold version 1, anchor 2026-12-31T22:00:00 in America/New_York
2027-01-01 03:00  period 0 opens: 2027-01-01 03:00 to 2027-02-01 03:00
2027-01-01 03:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-02 03:00, grace ends 2027-01-03 03:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> access
allowed, for at most 1 min: Calls are allowed.
> use c1 1m
2027-01-01 03:00  c1 recorded RATED: billed 1 min = included 1 min
2027-01-01 03:00  access: allowed -> denied, minutes_exhausted
> access
denied, minutes_exhausted: All minutes of this period are used since 31 Dec 2026.
lifted by: One of: the next period on 31 Jan 2027, an add-on pack, an adjustment by the agency.
> at 2027-01-02 03:00:00
2027-01-02 03:00  PR-000001 PENDING -> OVERDUE
2027-01-02 03:00  subscription active -> past_due
2027-01-02 03:00  access: denied, minutes_exhausted -> denied, payment_overdue
> access
denied, payment_overdue: Payment is overdue: PR-000001 (10.00 USD). Calls and campaigns are paused since 1 Jan 2027.
lifted by: Payment of PR-000001 (10.00 USD).
> at 2027-01-03 03:00:00
2027-01-03 03:00  subscription past_due -> blocked
2027-01-03 03:00  access: denied, payment_overdue -> denied, subscription_blocked
> access
denied, subscription_blocked: The subscription is blocked since 2 Jan 2027 because PR-000001 (10.00 USD) stayed unpaid past the grace period. Calls and campaigns are paused.
lifted by: Canceling the subscription and starting a new one.
> setting blocked_exit ON_PAYMENT
> access
denied, subscription_blocked: The subscription is blocked since 2 Jan 2027 because PR-000001 (10.00 USD) stayed unpaid past the grace period. Calls and campaigns are paused.
lifted by: Payment of PR-000001 (10.00 USD).
> mark PR-1 PAID
2027-01-03 03:00  payment MANUAL 10.00 USD, 10.00 on PR-000001
2027-01-03 03:00  PR-000001 OVERDUE -> PAID
2027-01-03 03:00  subscription blocked -> active
2027-01-03 03:00  access: denied, subscription_blocked -> denied, minutes_exhausted
> cancel
2027-01-03 03:00  period 0 closes: included 1 min
2027-01-03 03:00  subscription active -> canceled
2027-01-03 03:00  access: denied, minutes_exhausted -> denied, no_subscription
> access
denied, no_subscription: The subscription was canceled on 2 Jan 2027 and there is no new one.
lifted by: Starting a new subscription.
> hold because it is disputed
2027-01-03 03:00  hold set because it is disputed
> start
2027-01-03 03:00  subscription started on Gold version 1, anchor 2027-01-02T22:00:00 in America/New_York
2027-01-03 03:00  period 0 opens: 2027-01-03 03:00 to 2027-02-03 03:00
2027-01-03 03:00  PR-000002 issued: RECURRING 10.00 USD PENDING, due 2027-01-04 03:00, grace ends 2027-01-05 03:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-03 03:00  access: denied, no_subscription -> denied, agency_hold
> access
denied, agency_hold: The agency put the account on hold on 2 Jan 2027: it is disputed
lifted by: The agency lifting its hold.
