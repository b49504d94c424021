# A start freezes terms, zone and anchor, opens period 0 and asks for the fee. Service runs on credit until it is due.
> zone Europe/Berlin
> plan Gold fee=99.00 included=300 rate=0.25 packs
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start at 2027-03-20 08:15:30
2027-03-20 08:15:30  subscription started on Gold version 1, anchor 2027-03-20T09:15:30 in Europe/Berlin
2027-03-20 08:15:30  period 0 opens: 2027-03-20 08:15:30 to 2027-04-20 07:15:30
2027-03-20 08:15:30  PR-000001 issued: RECURRING 99.00 USD PENDING, due 2027-03-27 08:15:30, grace ends 2027-04-03 07:15:30
    Gold: recurring fee | 1 period x 99.00 = 99.00
> zone America/New_York
> access
allowed: Calls are allowed.
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PENDING 99.00 USD, paid 0.00, due 99.00
# Local time of day is kept when the clocks change: 09:15:30 in Berlin.
> at 2027-04-20 07:15:30
2027-03-27 08:15:30  PR-000001 PENDING -> OVERDUE
2027-03-27 08:15:30  subscription active -> past_due
2027-03-27 08:15:30  access: allowed -> denied, payment_overdue
2027-04-03 07:15:30  subscription past_due -> blocked
2027-04-03 07:15:30  access: denied, payment_overdue -> denied, subscription_blocked
# A plan without a fee asks for nothing.
> cancel requests=cancel
2027-04-20 07:15:30  PR-000001 OVERDUE -> CANCELED
2027-04-20 07:15:30  period 0 closes: nothing
2027-04-20 07:15:30  subscription blocked -> canceled
2027-04-20 07:15:30  access: denied, subscription_blocked -> denied, no_subscription
> plan Pay rate=0.10
plan Pay is version 1
> assign Pay
2027-04-20 07:15:30  plan Pay (version 1) assigned
> start
2027-04-20 07:15:30  subscription started on Pay version 1, anchor 2027-04-20T03:15:30 in America/New_York
2027-04-20 07:15:30  period 0 opens: 2027-04-20 07:15:30 to 2027-05-20 07:15:30
2027-04-20 07:15:30  access: denied, no_subscription -> allowed
