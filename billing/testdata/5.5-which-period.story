# Whatever its own time, a call draws from the open period. One that ended before it is late and says where it belongs.
> plan Gold fee=9.00 included=10 rate=0.25 grace=365
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-01-08 00:00, grace ends 2028-01-08 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> at 2027-03-10
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
2027-02-01 00:00  period 0 closes: nothing
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000002 issued: RECURRING 9.00 USD PENDING, due 2027-02-08 00:00, grace ends 2028-02-08 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
2027-02-08 00:00  PR-000002 PENDING -> OVERDUE
2027-03-01 00:00  period 1 closes: nothing
2027-03-01 00:00  period 2 opens: 2027-03-01 00:00 to 2027-04-01 00:00
2027-03-01 00:00  PR-000003 issued: RECURRING 9.00 USD PENDING, due 2027-03-08 00:00, grace ends 2028-03-07 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
2027-03-08 00:00  PR-000003 PENDING -> OVERDUE
> use c1 4m ended=2027-01-20
2027-03-10 00:00  c1 recorded RATED: billed 4 min = included 4 min, late: belongs to period 0
> use c2 4m ended=2027-03-01
2027-03-10 00:00  c2 recorded RATED: billed 4 min = included 4 min
> use c3 4m ended=2027-02-28T23:59:59
2027-03-10 00:00  c3 recorded RATED: billed 4 min = included 2 min + billable 2 min, late: belongs to period 1
> show
past_due on Gold version 1 since 2027-01-08 00:00, period 2 (2027-03-01 00:00 to 2027-04-01 00:00): used included 10 min + billable 2 min
wallet 0 s, denied, payment_overdue
