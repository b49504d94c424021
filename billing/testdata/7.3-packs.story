# The wallet is credited when the pack is applied, in full, pending or paid.
> plan Gold fee=10.00 packs
plan Gold is version 1
> plan Bare fee=10.00
plan Bare is version 1
> pack Two minutes=2 price=1.00
> pack Ten minutes=10 price=5.00
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Two
2027-01-01 00:00  packs offered: Two
> apply Two
refused (conflict no_live_subscription): The client has no live subscription. Start one first.
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> apply Ten
refused (conflict pack_not_assigned): The pack "Ten" is not assigned to the client. Assign it to the client first.
> apply Two
2027-01-01 00:00  PR-000002 issued: PACK 1.00 USD PENDING, due 2027-01-08 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-01-01 00:00  wallet +2 min by PACK: now 2 min
2027-01-01 00:00  access: denied, minutes_exhausted -> allowed
> apply Two paid
2027-01-01 00:00  PR-000003 issued: PACK 1.00 USD PENDING, due 2027-01-08 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-01-01 00:00  wallet +2 min by PACK: now 4 min
2027-01-01 00:00  payment MANUAL 1.00 USD, 1.00 on PR-000003
2027-01-01 00:00  PR-000003 PENDING -> PAID
> use c1 3m at 2027-01-02
2027-01-02 00:00  c1 recorded RATED: billed 3 min = wallet 3 min
# Canceling its request may take back what is left; the shortfall is shown, and coming back returns it.
> mark PR-2 CANCELED clawback
2027-01-02 00:00  wallet -1 min by CLAWBACK: now 0 s, short of 1 min
2027-01-02 00:00  PR-000002 PENDING -> CANCELED
2027-01-02 00:00  access: allowed -> denied, minutes_exhausted
> mark PR-2 CANCELED clawback
2027-01-02 00:00  PR-000002 CANCELED -> CANCELED
> mark PR-2 PENDING
2027-01-02 00:00  wallet +1 min by CLAWBACK_RETURNED: now 1 min
2027-01-02 00:00  PR-000002 CANCELED -> PENDING
2027-01-02 00:00  access: denied, minutes_exhausted -> allowed
> mark PR-2 CANCELED
2027-01-02 00:00  PR-000002 PENDING -> CANCELED
> mark PR-2 CANCELED clawback
2027-01-02 00:00  wallet -1 min by CLAWBACK: now 0 s, short of 1 min
2027-01-02 00:00  PR-000002 CANCELED -> CANCELED
2027-01-02 00:00  access: allowed -> denied, minutes_exhausted
> mark PR-1 CANCELED clawback
refused (invalid invalid): clawback: minutes can be clawed back only when a pack's request is set to CANCELED
> mark PR-3 PENDING clawback
refused (invalid invalid): clawback: minutes can be clawed back only when a pack's request is set to CANCELED
# Not while blocked, and not where the terms have no packs.
> mark PR-1 PENDING
2027-01-02 00:00  PR-000001 PENDING -> PENDING
> at 2027-01-15
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
2027-01-15 00:00  subscription past_due -> blocked
2027-01-15 00:00  access: denied, payment_overdue -> denied, subscription_blocked
> apply Two
refused (conflict subscription_blocked): The subscription is blocked. Cancel it and start anew before selling a pack.
> cancel requests=cancel
2027-01-15 00:00  PR-000001 OVERDUE -> CANCELED
2027-01-15 00:00  period 0 closes: wallet 3 min
2027-01-15 00:00  subscription blocked -> canceled
2027-01-15 00:00  access: denied, subscription_blocked -> denied, no_subscription
> assign Bare
2027-01-15 00:00  plan Bare (version 1) assigned
> start
2027-01-15 00:00  subscription started on Bare version 1, anchor 2027-01-15T00:00:00 in UTC
2027-01-15 00:00  period 0 opens: 2027-01-15 00:00 to 2027-02-15 00:00
2027-01-15 00:00  PR-000004 issued: RECURRING 10.00 USD PENDING, due 2027-01-22 00:00, grace ends 2027-01-29 00:00
    Bare: recurring fee | 1 period x 10.00 = 10.00
2027-01-15 00:00  access: denied, no_subscription -> denied, minutes_exhausted
> apply Two
refused (conflict addon_packs_off): The subscription's terms do not allow add-on packs. Change to a plan with add-on packs on.
