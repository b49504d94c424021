# Packs are offered where the terms allow add-on packs, in the same currency. The assigned plan decides before a start,
# the frozen terms after it.
> pack Small minutes=60 price=15.00
> pack Euro minutes=60 price=15.00 currency=EUR
> offer Small
refused (conflict no_plan_assigned): The client has no plan, so no pack can be offered to it. Assign a plan first.
> plan Bare fee=99.00
plan Bare is version 1
> assign Bare
2027-01-01 00:00  plan Bare (version 1) assigned
> offer Small
refused (conflict addon_packs_off): The plan "Bare" does not allow add-on packs. Assign a plan with add-on packs on.
> plan Gold fee=99.00 packs
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Euro
refused (invalid invalid): pack_ids[0]: the pack "Euro" is in EUR, the plan in USD
> offer Small
2027-01-01 00:00  packs offered: Small
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 99.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 99.00 = 99.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> plan Gold fee=99.00
plan Gold is version 2
> offer
2027-01-01 00:00  packs offered: nothing
> offer Small
2027-01-01 00:00  packs offered: Small
