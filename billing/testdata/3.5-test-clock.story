# A sandbox's now stands still until it is moved; moving it carries out everything due on the way.
> plan Basic fee=10.00 grace=60
plan Basic is version 1
> assign Basic
2027-01-01 00:00  plan Basic (version 1) assigned
> start at 2027-01-01
2027-01-01 00:00  subscription started on Basic version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-03-09 00:00
    Basic: recurring fee | 1 period x 10.00 = 10.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> show
active on Basic version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, denied, minutes_exhausted
> at 2027-02-10
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
2027-02-01 00:00  period 0 closes: nothing
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000002 issued: RECURRING 10.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-04-09 00:00
    Basic: recurring fee | 1 period x 10.00 = 10.00
2027-02-08 00:00  PR-000002 PENDING -> OVERDUE
