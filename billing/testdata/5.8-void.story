# A void returns minutes to the very pools they came from while their period is open.
> plan Gold fee=9.00 included=10 rate=0.25 packs grace=365
plan Gold is version 1
> pack Two minutes=2 price=1.00
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Two
2027-01-01 00:00  packs offered: Two
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-01-08 00:00, grace ends 2028-01-08 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> apply Two
2027-01-01 00:00  PR-000002 issued: PACK 1.00 USD PENDING, due 2027-01-08 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-01-01 00:00  wallet +2 min by PACK: now 2 min
> use c1 8m at 2027-01-02
2027-01-02 00:00  c1 recorded RATED: billed 8 min = included 8 min
> use c2 6m
2027-01-02 00:00  c2 recorded RATED: billed 6 min = included 2 min + wallet 2 min + billable 2 min
> void c2 because a dispute
2027-01-02 00:00  c2 voided; period 0: included -2 min + wallet -2 min + billable -2 min; wallet +2 min because a dispute
> void c2 because once more
refused (conflict already_voided): The event is already voided.
> void c1
refused (invalid invalid): reason: must not be empty
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used included 8 min
wallet 2 min, allowed
# In a closed period the figures stay: minutes become wallet credit, billable ones a credit line on the next Usage request.
> use c3 9m at 2027-01-03
2027-01-03 00:00  c3 recorded RATED: billed 9 min = included 2 min + wallet 2 min + billable 5 min
> use c4 1m
2027-01-03 00:00  c4 recorded RATED: billed 1 min = billable 1 min
> at 2027-02-01
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  PR-000002 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
2027-02-01 00:00  period 0 closes: included 10 min + wallet 2 min + billable 6 min
2027-02-01 00:00  PR-000003 issued: USAGE 1.50 USD PENDING, due 2027-02-08 00:00, grace ends 2028-02-08 00:00
    Gold: minutes beyond the included and add-on minutes | 6.00 minute x 0.25 = 1.50
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000004 issued: RECURRING 9.00 USD PENDING, due 2027-02-08 00:00, grace ends 2028-02-08 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> void c3 because the line was dead
2027-02-01 00:00  c3 voided; period 0: included -2 min + wallet -2 min + billable -5 min; wallet +4 min because the line was dead
2027-02-01 00:00  credit line of 1.25 USD: Credit: 5 min of call c3
> show
past_due on Gold version 1 since 2027-01-08 00:00, period 1 (2027-02-01 00:00 to 2027-03-01 00:00): used nothing
wallet 4 min, denied, payment_overdue
> use c5 40m at 2027-02-02
2027-02-02 00:00  c5 recorded RATED: billed 40 min = included 10 min + wallet 4 min + billable 26 min
> at 2027-03-01
2027-02-08 00:00  PR-000003 PENDING -> OVERDUE
2027-02-08 00:00  PR-000004 PENDING -> OVERDUE
2027-03-01 00:00  period 1 closes: included 10 min + wallet 4 min + billable 26 min
2027-03-01 00:00  PR-000005 issued: USAGE 5.25 USD PENDING, due 2027-03-08 00:00, grace ends 2028-03-07 00:00
    Gold: minutes beyond the included and add-on minutes | 26.00 minute x 0.25 = 6.50
    Credit: 5 min of call c3 | 1 credit x -1.25 = -1.25
2027-03-01 00:00  credit line used on PR-000005: 1.25 USD
2027-03-01 00:00  period 2 opens: 2027-03-01 00:00 to 2027-04-01 00:00
2027-03-01 00:00  PR-000006 issued: RECURRING 9.00 USD PENDING, due 2027-03-08 00:00, grace ends 2028-03-07 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
# A credit is not given twice, and what is left of it waits.
> use c6 17m at 2027-03-02
2027-03-02 00:00  c6 recorded RATED: billed 17 min = included 10 min + billable 7 min
> at 2027-04-01
2027-03-08 00:00  PR-000005 PENDING -> OVERDUE
2027-03-08 00:00  PR-000006 PENDING -> OVERDUE
2027-04-01 00:00  period 2 closes: included 10 min + billable 7 min
2027-04-01 00:00  PR-000007 issued: USAGE 1.75 USD PENDING, due 2027-04-08 00:00, grace ends 2028-04-07 00:00
    Gold: minutes beyond the included and add-on minutes | 7.00 minute x 0.25 = 1.75
2027-04-01 00:00  period 3 opens: 2027-04-01 00:00 to 2027-05-01 00:00
2027-04-01 00:00  PR-000008 issued: RECURRING 9.00 USD PENDING, due 2027-04-08 00:00, grace ends 2028-04-07 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
