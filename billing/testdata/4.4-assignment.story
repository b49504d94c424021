# One plan at most, and not touched while a subscription lives.
> plan Gold fee=99.00
plan Gold is version 1
> plan Silver fee=49.00
plan Silver is version 1
> start
refused (conflict no_plan_assigned): No plan is assigned to the client. Assign a plan first.
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> assign Silver
2027-01-01 00:00  plan Silver (version 1) assigned
> unassign
2027-01-01 00:00  plan Silver taken back
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 99.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 99.00 = 99.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> start
refused (conflict live_subscription_exists): The client already has a live subscription. Cancel it first, or use change-plan.
> assign Silver
refused (conflict live_subscription_exists): The client has a live subscription, so its plan cannot be replaced. Cancel the subscription first, or use change-plan.
> unassign
refused (conflict live_subscription_exists): The client has a live subscription, so its plan cannot be removed. Cancel the subscription first, or use change-plan.
> cancel requests=cancel
2027-01-01 00:00  PR-000001 PENDING -> CANCELED
2027-01-01 00:00  period 0 closes: nothing
2027-01-01 00:00  subscription active -> canceled
2027-01-01 00:00  access: denied, minutes_exhausted -> denied, no_subscription
> unassign
2027-01-01 00:00  plan Gold taken back
> start
refused (conflict no_plan_assigned): No plan is assigned to the client. Assign a plan first.
