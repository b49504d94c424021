# An archived plan cannot be assigned any more; what runs on it runs on.
> plan Gold fee=99.00 packs
plan Gold is version 1
> plan Silver fee=49.00 packs
plan Silver is version 1
> pack Small minutes=60 price=15.00
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Small
2027-01-01 00:00  packs offered: Small
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 99.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 99.00 = 99.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> archive plan Gold
> archive plan Silver
> archive pack Small
> at 2027-01-05
> mark PR-1 PAID
2027-01-05 00:00  payment MANUAL 99.00 USD, 99.00 on PR-000001
2027-01-05 00:00  PR-000001 PENDING -> PAID
> at 2027-02-01
2027-02-01 00:00  period 0 closes: nothing
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000002 issued: RECURRING 99.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-02-15 00:00
    Gold: recurring fee | 1 period x 99.00 = 99.00
> change Silver
refused (conflict plan_archived): The plan "Silver" is archived. Unarchive it or choose another plan.
> apply Small
2027-02-01 00:00  PR-000003 issued: PACK 15.00 USD PENDING, due 2027-02-08 00:00
    Small: 60.00 add-on minutes | 1 pack x 15.00 = 15.00
2027-02-01 00:00  wallet +60 min by PACK: now 60 min
2027-02-01 00:00  access: denied, minutes_exhausted -> allowed
> cancel requests=cancel
2027-02-01 00:00  PR-000002 PENDING -> CANCELED
2027-02-01 00:00  period 1 closes: nothing
2027-02-01 00:00  subscription active -> canceled
2027-02-01 00:00  access: allowed -> denied, no_subscription
> assign Silver
refused (conflict plan_archived): The plan "Silver" is archived. Unarchive it or assign another plan.
# A pack that was offered before may stay offered.
> offer Small
> offer
2027-02-01 00:00  packs offered: nothing
> offer Small
refused (conflict pack_archived): The pack "Small" is archived. Unarchive it or leave it out.
