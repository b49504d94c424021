# Cancel and start in one: a new subscription on the new plan; the wallet is kept, nothing is prorated.
> plan Small fee=10.00 included=10 rate=1.00
plan Small is version 1
> plan Big fee=31.00 included=100
plan Big is version 1
> assign Small
2027-01-01 00:00  plan Small (version 1) assigned
> start
2027-01-01 00:00  subscription started on Small version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Small: recurring fee | 1 period x 10.00 = 10.00
> adjust 5.00 because a present
2027-01-01 00:00  wallet +5 min by ADJUSTMENT: now 5 min because a present
> use c1 12m at 2027-01-10
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
2027-01-10 00:00  c1 recorded RATED: billed 12 min = included 10 min + billable 2 min
> change Big
2027-01-10 00:00  period 0 closes: included 10 min + billable 2 min
2027-01-10 00:00  PR-000002 issued: USAGE 2.00 USD PENDING, due 2027-01-17 00:00, grace ends 2027-01-24 00:00
    Small: minutes beyond the included and add-on minutes | 2.00 minute x 1.00 = 2.00
2027-01-10 00:00  subscription past_due -> canceled
2027-01-10 00:00  plan Big (version 1) assigned
2027-01-10 00:00  subscription started on Big version 1, anchor 2027-01-10T00:00:00 in UTC
2027-01-10 00:00  period 0 opens: 2027-01-10 00:00 to 2027-02-10 00:00
2027-01-10 00:00  PR-000003 issued: RECURRING 31.00 USD PENDING, due 2027-01-17 00:00, grace ends 2027-01-24 00:00
    Big: recurring fee | 1 period x 31.00 = 31.00
2027-01-10 00:00  access: denied, payment_overdue -> allowed
> show
active on Big version 1 since 2027-01-10 00:00, period 0 (2027-01-10 00:00 to 2027-02-10 00:00): used nothing
wallet 5 min, allowed
# At period end, on the terms of the day it was agreed.
> change Small at-period-end
2027-01-10 00:00  cancellation scheduled for 2027-02-10 00:00, then Small
> upcoming
+ 2027-01-17 00:00  PR-000002 (2.00 USD) is due. If unpaid: overdue.
! 2027-01-17 00:00  PR-000003 (31.00 USD) is due. If unpaid: past due.
! 2027-01-24 00:00  Grace for PR-000003 ends. If unpaid: blocked until canceled and started anew.
+ 2027-02-10 00:00  The plan changes to "Small": a new subscription starts, 10.00 USD requested, due 17 Feb 2027.
> plan Small fee=99.00
plan Small is version 2
> mark PR-1 PAID
2027-01-10 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000001
2027-01-10 00:00  PR-000001 OVERDUE -> PAID
> mark PR-2 PAID
2027-01-10 00:00  payment MANUAL 2.00 USD, 2.00 on PR-000002
2027-01-10 00:00  PR-000002 PENDING -> PAID
> mark PR-3 PAID
2027-01-10 00:00  payment MANUAL 31.00 USD, 31.00 on PR-000003
2027-01-10 00:00  PR-000003 PENDING -> PAID
> at 2027-02-10
2027-02-10 00:00  period 0 closes: nothing
2027-02-10 00:00  subscription active -> canceled
2027-02-10 00:00  plan Small (version 1) assigned
2027-02-10 00:00  subscription started on Small version 1, anchor 2027-02-10T00:00:00 in UTC
2027-02-10 00:00  period 0 opens: 2027-02-10 00:00 to 2027-03-10 00:00
2027-02-10 00:00  PR-000004 issued: RECURRING 10.00 USD PENDING, due 2027-02-17 00:00, grace ends 2027-02-24 00:00
    Small: recurring fee | 1 period x 10.00 = 10.00
> show
active on Small version 1 since 2027-02-10 00:00, period 0 (2027-02-10 00:00 to 2027-03-10 00:00): used nothing
wallet 5 min, allowed
# Prorated on request: the unused part of the prepaid fee, by time, as a credit line on the new fee. Half of 28 days.
> mark PR-4 PAID at 2027-02-11
2027-02-11 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000004
2027-02-11 00:00  PR-000004 PENDING -> PAID
> change Big prorate at 2027-02-24
2027-02-24 00:00  period 0 closes: nothing
2027-02-24 00:00  subscription active -> canceled
2027-02-24 00:00  credit line of 5.00 USD: Credit: unused part of Small, PR-000004
2027-02-24 00:00  plan Big (version 1) assigned
2027-02-24 00:00  subscription started on Big version 1, anchor 2027-02-24T00:00:00 in UTC
2027-02-24 00:00  period 0 opens: 2027-02-24 00:00 to 2027-03-24 00:00
2027-02-24 00:00  PR-000005 issued: RECURRING 26.00 USD PENDING, due 2027-03-03 00:00, grace ends 2027-03-10 00:00
    Big: recurring fee | 1 period x 31.00 = 31.00
    Credit: unused part of Small, PR-000004 | 1 credit x -5.00 = -5.00
2027-02-24 00:00  credit line used on PR-000005: 5.00 USD
# A fee that was canceled is not credited.
> plan Other fee=7.00
plan Other is version 1
> mark PR-5 CANCELED
2027-02-24 00:00  PR-000005 PENDING -> CANCELED
> change Other prorate
2027-02-24 00:00  period 0 closes: nothing
2027-02-24 00:00  subscription active -> canceled
2027-02-24 00:00  plan Other (version 1) assigned
2027-02-24 00:00  subscription started on Other version 1, anchor 2027-02-24T00:00:00 in UTC
2027-02-24 00:00  period 0 opens: 2027-02-24 00:00 to 2027-03-24 00:00
2027-02-24 00:00  PR-000006 issued: RECURRING 7.00 USD PENDING, due 2027-03-03 00:00, grace ends 2027-03-10 00:00
    Other: recurring fee | 1 period x 7.00 = 7.00
2027-02-24 00:00  access: allowed -> denied, minutes_exhausted
# Credit beyond the new fee waits for the next requests.
> mark PR-6 PAID
2027-02-24 00:00  payment MANUAL 7.00 USD, 7.00 on PR-000006
2027-02-24 00:00  PR-000006 PENDING -> PAID
> plan Tiny fee=2.00 due=60 grace=60
plan Tiny is version 1
> change Tiny prorate
2027-02-24 00:00  period 0 closes: nothing
2027-02-24 00:00  subscription active -> canceled
2027-02-24 00:00  credit line of 7.00 USD: Credit: unused part of Other, PR-000006
2027-02-24 00:00  plan Tiny (version 1) assigned
2027-02-24 00:00  subscription started on Tiny version 1, anchor 2027-02-24T00:00:00 in UTC
2027-02-24 00:00  period 0 opens: 2027-02-24 00:00 to 2027-03-24 00:00
2027-02-24 00:00  PR-000007 issued: RECURRING 0.00 USD PAID, due 2027-04-25 00:00, grace ends 2027-06-24 00:00
    Tiny: recurring fee | 1 period x 2.00 = 2.00
    Credit: unused part of Other, PR-000006 | 1 credit x -2.00 = -2.00
2027-02-24 00:00  credit line used on PR-000007: 2.00 USD
> at 2027-06-24
2027-03-24 00:00  period 0 closes: nothing
2027-03-24 00:00  period 1 opens: 2027-03-24 00:00 to 2027-04-24 00:00
2027-03-24 00:00  PR-000008 issued: RECURRING 0.00 USD PAID, due 2027-05-23 00:00, grace ends 2027-07-22 00:00
    Tiny: recurring fee | 1 period x 2.00 = 2.00
    Credit: unused part of Other, PR-000006 | 1 credit x -2.00 = -2.00
2027-03-24 00:00  credit line used on PR-000008: 2.00 USD
2027-04-24 00:00  period 1 closes: nothing
2027-04-24 00:00  period 2 opens: 2027-04-24 00:00 to 2027-05-24 00:00
2027-04-24 00:00  PR-000009 issued: RECURRING 0.00 USD PAID, due 2027-06-23 00:00, grace ends 2027-08-22 00:00
    Tiny: recurring fee | 1 period x 2.00 = 2.00
    Credit: unused part of Other, PR-000006 | 1 credit x -2.00 = -2.00
2027-04-24 00:00  credit line used on PR-000009: 2.00 USD
2027-05-24 00:00  period 2 closes: nothing
2027-05-24 00:00  period 3 opens: 2027-05-24 00:00 to 2027-06-24 00:00
2027-05-24 00:00  PR-000010 issued: RECURRING 1.00 USD PENDING, due 2027-07-23 00:00, grace ends 2027-09-21 00:00
    Tiny: recurring fee | 1 period x 2.00 = 2.00
    Credit: unused part of Other, PR-000006 | 1 credit x -1.00 = -1.00
2027-05-24 00:00  credit line used on PR-000010: 1.00 USD
2027-06-24 00:00  period 3 closes: nothing
2027-06-24 00:00  period 4 opens: 2027-06-24 00:00 to 2027-07-24 00:00
2027-06-24 00:00  PR-000011 issued: RECURRING 2.00 USD PENDING, due 2027-08-23 00:00, grace ends 2027-10-22 00:00
    Tiny: recurring fee | 1 period x 2.00 = 2.00
# Only in one currency.
> plan Euro currency=EUR fee=7.00
plan Euro is version 1
> change Euro prorate
refused (conflict currency_mismatch): The new plan is in EUR, the fee to be credited in USD. Change the plan without prorating.
