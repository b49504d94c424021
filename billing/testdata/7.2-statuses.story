# Any status from any other. Paid records a payment of what was open; leaving paid takes it back by a new entry.
> plan Gold fee=10.00
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> payment 4.00 USD PR-1=4.00 at 2027-01-02
2027-01-02 00:00  payment BANK 4.00 USD, 4.00 on PR-000001
> mark PR-1 PAID
2027-01-02 00:00  payment MANUAL 6.00 USD, 6.00 on PR-000001
2027-01-02 00:00  PR-000001 PENDING -> PAID
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PAID 10.00 USD, paid 10.00, due 0.00, paid at 2027-01-02 00:00
> mark PR-1 PENDING
2027-01-02 00:00  payment REVERSAL -6.00 USD, -6.00 on PR-000001
2027-01-02 00:00  PR-000001 PAID -> PENDING
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PENDING 10.00 USD, paid 4.00, due 6.00
> mark PR-1 FAILED
2027-01-02 00:00  PR-000001 PENDING -> FAILED
> mark PR-1 OVERDUE
2027-01-02 00:00  PR-000001 FAILED -> OVERDUE
> mark PR-1 CANCELED
2027-01-02 00:00  payment RELEASE 0.00 USD, -4.00 on PR-000001, client credit 4.00
2027-01-02 00:00  PR-000001 OVERDUE -> CANCELED
> show requests
PR-000001 (PR00000178) SUBSCRIPTION CANCELED 10.00 USD, paid 0.00, due 0.00
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, denied, minutes_exhausted
client credit 4.00 USD
> mark PR-1 PAID
2027-01-02 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000001
2027-01-02 00:00  PR-000001 CANCELED -> PAID
> mark PR-1 CANCELED
2027-01-02 00:00  payment REVERSAL -10.00 USD, -10.00 on PR-000001
2027-01-02 00:00  PR-000001 PAID -> CANCELED
> mark PR-1 PENDING at 2027-01-09
2027-01-09 00:00  PR-000001 CANCELED -> PENDING
2027-01-09 00:00  PR-000001 PENDING -> OVERDUE
2027-01-09 00:00  subscription active -> past_due
2027-01-09 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
> mark PR-1 LOST
refused (invalid invalid): status: must be one of PENDING, PAID, OVERDUE, FAILED, CANCELED
> mark PR-7 PAID
refused (not_found not_found): There is no such payment request.
# Marked paid, taken back, then really paid: that money was received, so leaving paid keeps it as credit.
> ask 5.00 USD due=2027-06-01
2027-01-09 00:00  PR-000002 issued: ONE_TIME 5.00 USD PENDING, due 2027-06-01 00:00
    Work | 1 item x 5.00 = 5.00
> mark PR-2 PAID
2027-01-09 00:00  payment MANUAL 5.00 USD, 5.00 on PR-000002
2027-01-09 00:00  PR-000002 PENDING -> PAID
> mark PR-2 PENDING
2027-01-09 00:00  payment REVERSAL -5.00 USD, -5.00 on PR-000002
2027-01-09 00:00  PR-000002 PAID -> PENDING
> payment 5.00 USD PR-2=5.00
2027-01-09 00:00  payment BANK 5.00 USD, 5.00 on PR-000002
2027-01-09 00:00  PR-000002 PENDING -> PAID
> mark PR-2 CANCELED
2027-01-09 00:00  payment RELEASE 0.00 USD, -5.00 on PR-000002, client credit 5.00
2027-01-09 00:00  PR-000002 PAID -> CANCELED
> show
past_due on Gold version 1 since 2027-01-09 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, denied, payment_overdue
client credit 9.00 USD
