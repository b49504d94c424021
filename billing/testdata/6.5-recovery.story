# Past due is over when no late request is left; paying one of two changes nothing.
> plan Gold fee=10.00 rate=1.00 due=7 grace=40
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-02-17 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> mark PR-1 PAID
2027-01-01 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000001
2027-01-01 00:00  PR-000001 PENDING -> PAID
> use c1 3m at 2027-01-02
2027-01-02 00:00  c1 recorded RATED: billed 3 min = billable 3 min
> at 2027-02-08
2027-02-01 00:00  period 0 closes: billable 3 min
2027-02-01 00:00  PR-000002 issued: USAGE 3.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-03-20 00:00
    Gold: minutes beyond the included and add-on minutes | 3.00 minute x 1.00 = 3.00
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000003 issued: RECURRING 10.00 USD PENDING, due 2027-02-08 00:00, grace ends 2027-03-20 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-02-08 00:00  PR-000002 PENDING -> OVERDUE
2027-02-08 00:00  PR-000003 PENDING -> OVERDUE
2027-02-08 00:00  subscription active -> past_due
2027-02-08 00:00  access: allowed -> denied, payment_overdue
> mark PR-2 PAID
2027-02-08 00:00  payment MANUAL 3.00 USD, 3.00 on PR-000002
2027-02-08 00:00  PR-000002 OVERDUE -> PAID
> access
denied, payment_overdue: Payment is overdue: PR-000003 (10.00 USD). Calls and campaigns are paused since 8 Feb 2027.
lifted by: Payment of PR-000003 (10.00 USD).
> mark PR-3 PAID
2027-02-08 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000003
2027-02-08 00:00  PR-000003 OVERDUE -> PAID
2027-02-08 00:00  subscription past_due -> active
2027-02-08 00:00  access: denied, payment_overdue -> allowed
# The stricter setting waits until nothing is unpaid.
> setting recovery NONE_UNPAID
> at 2027-03-09
2027-03-01 00:00  period 1 closes: nothing
2027-03-01 00:00  period 2 opens: 2027-03-01 00:00 to 2027-04-01 00:00
2027-03-01 00:00  PR-000004 issued: RECURRING 10.00 USD PENDING, due 2027-03-08 00:00, grace ends 2027-04-17 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-03-08 00:00  PR-000004 PENDING -> OVERDUE
2027-03-08 00:00  subscription active -> past_due
2027-03-08 00:00  access: allowed -> denied, payment_overdue
> ask 5.00 USD due=2027-12-31
2027-03-09 00:00  PR-000005 issued: ONE_TIME 5.00 USD PENDING, due 2027-12-31 00:00
    Work | 1 item x 5.00 = 5.00
> at 2027-04-01
2027-04-01 00:00  period 2 closes: nothing
2027-04-01 00:00  period 3 opens: 2027-04-01 00:00 to 2027-05-01 00:00
2027-04-01 00:00  PR-000006 issued: RECURRING 10.00 USD PENDING, due 2027-04-08 00:00, grace ends 2027-05-18 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PAID 10.00 USD, paid 10.00, due 0.00, paid at 2027-01-01 00:00
PR-000002 (PR00000275) OVERAGE PAID 3.00 USD, paid 3.00, due 0.00, paid at 2027-02-08 00:00
PR-000003 (PR00000372) SUBSCRIPTION PAID 10.00 USD, paid 10.00, due 0.00, paid at 2027-02-08 00:00
PR-000004 (PR00000469) SUBSCRIPTION OVERDUE 10.00 USD, paid 0.00, due 10.00
PR-000005 (PR00000566) ONE_TIME PENDING 5.00 USD, paid 0.00, due 5.00
PR-000006 (PR00000663) SUBSCRIPTION PENDING 10.00 USD, paid 0.00, due 10.00
> access
denied, payment_overdue: Payment is overdue: PR-000004 (10.00 USD). Calls and campaigns are paused since 8 Mar 2027.
lifted by: Payment of PR-000004 (10.00 USD), PR-000006 (10.00 USD).
> mark PR-4 PAID
2027-04-01 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000004
2027-04-01 00:00  PR-000004 OVERDUE -> PAID
> access
denied, payment_overdue: After an overdue payment not everything is paid yet: PR-000006 (10.00 USD). Calls and campaigns are paused since 8 Mar 2027.
lifted by: Payment of PR-000006 (10.00 USD).
> mark PR-6 CANCELED
2027-04-01 00:00  PR-000006 PENDING -> CANCELED
2027-04-01 00:00  subscription past_due -> active
2027-04-01 00:00  access: denied, payment_overdue -> allowed
# Money that is received does at once what marking does.
> at 2027-05-09
2027-05-01 00:00  period 3 closes: nothing
2027-05-01 00:00  period 4 opens: 2027-05-01 00:00 to 2027-06-01 00:00
2027-05-01 00:00  PR-000007 issued: RECURRING 10.00 USD PENDING, due 2027-05-08 00:00, grace ends 2027-06-17 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-05-08 00:00  PR-000007 PENDING -> OVERDUE
2027-05-08 00:00  subscription active -> past_due
2027-05-08 00:00  access: allowed -> denied, payment_overdue
> payment 10.00 USD PR-7=10.00
2027-05-09 00:00  payment BANK 10.00 USD, 10.00 on PR-000007
2027-05-09 00:00  PR-000007 OVERDUE -> PAID
2027-05-09 00:00  subscription past_due -> active
2027-05-09 00:00  access: denied, payment_overdue -> allowed
> access
allowed: Calls are allowed.
