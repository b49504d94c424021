# Final figures, the Usage request, the next period with its included minutes, the next fee; the wallet stays. Due dates
# count calendar days of the subscription's zone from the start of the period that opens.
> zone America/New_York
> plan Gold fee=9.00 included=10 rate=0.25 packs due=7 grace=30
plan Gold is version 1
> pack Two minutes=2 price=1.00
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Two
2027-01-01 00:00  packs offered: Two
> start at 2027-02-10 14:00:00
2027-02-10 14:00  subscription started on Gold version 1, anchor 2027-02-10T09:00:00 in America/New_York
2027-02-10 14:00  period 0 opens: 2027-02-10 14:00 to 2027-03-10 14:00
2027-02-10 14:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-02-17 14:00, grace ends 2027-03-19 13:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> upcoming
! 2027-02-17 14:00  PR-000001 (9.00 USD) is due. If unpaid: past due.
+ 2027-03-10 14:00  Period ends: included minutes reset to 10.00, 9.00 USD requested, due 17 Mar 2027.
! 2027-03-19 13:00  Grace for PR-000001 ends. If unpaid: blocked until canceled and started anew.
> mark PR-1 PAID
2027-02-10 14:00  payment MANUAL 9.00 USD, 9.00 on PR-000001
2027-02-10 14:00  PR-000001 PENDING -> PAID
> use c1 12m at 2027-02-11
2027-02-11 00:00  c1 recorded RATED: billed 12 min = included 10 min + billable 2 min
> apply Two
2027-02-11 00:00  PR-000002 issued: PACK 1.00 USD PENDING, due 2027-02-18 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-02-11 00:00  wallet +2 min by PACK: now 2 min
> at 2027-03-10 14:00:00
2027-02-18 00:00  PR-000002 PENDING -> OVERDUE
2027-03-10 14:00  period 0 closes: included 10 min + billable 2 min
2027-03-10 14:00  PR-000003 issued: USAGE 0.50 USD PENDING, due 2027-03-17 13:00, grace ends 2027-04-16 13:00
    Gold: minutes beyond the included and add-on minutes | 2.00 minute x 0.25 = 0.50
2027-03-10 14:00  period 1 opens: 2027-03-10 14:00 to 2027-04-10 13:00
2027-03-10 14:00  PR-000004 issued: RECURRING 9.00 USD PENDING, due 2027-03-17 13:00, grace ends 2027-04-16 13:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> show
active on Gold version 1 since 2027-02-10 14:00, period 1 (2027-03-10 14:00 to 2027-04-10 13:00): used nothing
wallet 2 min, allowed
# A pack is due the same number of days after its issue, without grace; a one-time request when the agency says.
> ask 50.00 USD due=2027-03-12 for=Set-up
2027-03-10 14:00  PR-000005 issued: ONE_TIME 50.00 USD PENDING, due 2027-03-12 00:00
    Set-up | 1 item x 50.00 = 50.00
> upcoming
+ 2027-03-12 00:00  PR-000005 (50.00 USD) is due. If unpaid: overdue.
! 2027-03-17 13:00  PR-000003 (0.50 USD) is due. If unpaid: past due.
! 2027-03-17 13:00  PR-000004 (9.00 USD) is due. If unpaid: past due.
+ 2027-04-10 13:00  Period ends: included minutes reset to 10.00, 9.00 USD requested, due 17 Apr 2027.
! 2027-04-16 13:00  Grace for PR-000003 ends. If unpaid: blocked until canceled and started anew.
! 2027-04-16 13:00  Grace for PR-000004 ends. If unpaid: blocked until canceled and started anew.
> at 2027-03-12
2027-03-12 00:00  PR-000005 PENDING -> OVERDUE
> show
active on Gold version 1 since 2027-02-10 14:00, period 1 (2027-03-10 14:00 to 2027-04-10 13:00): used nothing
wallet 2 min, allowed
# What costs nothing is not requested.
> use c2 5m
2027-03-12 00:00  c2 recorded RATED: billed 5 min = included 5 min
> at 2027-04-10 14:00:00
2027-03-17 13:00  PR-000003 PENDING -> OVERDUE
2027-03-17 13:00  PR-000004 PENDING -> OVERDUE
2027-03-17 13:00  subscription active -> past_due
2027-03-17 13:00  access: allowed -> denied, payment_overdue
2027-04-10 13:00  period 1 closes: included 5 min
2027-04-10 13:00  period 2 opens: 2027-04-10 13:00 to 2027-05-10 13:00
2027-04-10 13:00  PR-000006 issued: RECURRING 9.00 USD PENDING, due 2027-04-17 13:00, grace ends 2027-05-17 13:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
