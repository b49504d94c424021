# Nothing looks at the client for three months. The periods, requests and due dates are those of a client that was
# looked at every day, each dated at its own instant. The grace is long, so that nothing is blocked.
> plan Pay fee=10.00 included=10 rate=0.10 due=7 grace=365
plan Pay is version 1
> assign Pay
2027-01-01 00:00  plan Pay (version 1) assigned
> start
2027-01-01 00:00  subscription started on Pay version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2028-01-08 00:00
    Pay: recurring fee | 1 period x 10.00 = 10.00
> use c1 15m at 2027-01-20
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
2027-01-20 00:00  c1 recorded RATED: billed 15 min = included 10 min + billable 5 min
> at 2027-04-02
2027-02-01 00:00  period 0 closes: included 10 min + billable 5 min
2027-02-01 00:00  PR-000002 issued: USAGE 0.50 USD PENDING, due 2027-02-08 00:00, grace ends 2028-02-08 00:00
    Pay: minutes beyond the included and add-on minutes | 5.00 minute x 0.10 = 0.50
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000003 issued: RECURRING 10.00 USD PENDING, due 2027-02-08 00:00, grace ends 2028-02-08 00:00
    Pay: recurring fee | 1 period x 10.00 = 10.00
2027-02-08 00:00  PR-000002 PENDING -> OVERDUE
2027-02-08 00:00  PR-000003 PENDING -> OVERDUE
2027-03-01 00:00  period 1 closes: nothing
2027-03-01 00:00  period 2 opens: 2027-03-01 00:00 to 2027-04-01 00:00
2027-03-01 00:00  PR-000004 issued: RECURRING 10.00 USD PENDING, due 2027-03-08 00:00, grace ends 2028-03-07 00:00
    Pay: recurring fee | 1 period x 10.00 = 10.00
2027-03-08 00:00  PR-000004 PENDING -> OVERDUE
2027-04-01 00:00  period 2 closes: nothing
2027-04-01 00:00  period 3 opens: 2027-04-01 00:00 to 2027-05-01 00:00
2027-04-01 00:00  PR-000005 issued: RECURRING 10.00 USD PENDING, due 2027-04-08 00:00, grace ends 2028-04-07 00:00
    Pay: recurring fee | 1 period x 10.00 = 10.00
> show requests
PR-000001 (PR00000178) SUBSCRIPTION OVERDUE 10.00 USD, paid 0.00, due 10.00
PR-000002 (PR00000275) OVERAGE OVERDUE 0.50 USD, paid 0.00, due 0.50
PR-000003 (PR00000372) SUBSCRIPTION OVERDUE 10.00 USD, paid 0.00, due 10.00
PR-000004 (PR00000469) SUBSCRIPTION OVERDUE 10.00 USD, paid 0.00, due 10.00
PR-000005 (PR00000566) SUBSCRIPTION PENDING 10.00 USD, paid 0.00, due 10.00
