# Partial: the request stays open with what is due. Over: the rest is client credit, which the agency applies.
> plan Gold fee=10.00 grace=365
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2028-01-08 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> payment 4.00 USD PR-1=4.00 at 2027-01-05
2027-01-05 00:00  payment BANK 4.00 USD, 4.00 on PR-000001
> payment 10.00 USD PR-1=10.00
2027-01-05 00:00  payment BANK 10.00 USD, 6.00 on PR-000001, client credit 4.00
2027-01-05 00:00  PR-000001 PENDING -> PAID
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PAID 10.00 USD, paid 10.00, due 0.00, paid at 2027-01-05 00:00
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, denied, minutes_exhausted
client credit 4.00 USD
> ask 3.00 USD due=2027-02-01 for=Set-up
2027-01-05 00:00  PR-000002 issued: ONE_TIME 3.00 USD PENDING, due 2027-02-01 00:00
    Set-up | 1 item x 3.00 = 3.00
> ask 5.00 USD due=2027-02-01 for=Training
2027-01-05 00:00  PR-000003 issued: ONE_TIME 5.00 USD PENDING, due 2027-02-01 00:00
    Training | 1 item x 5.00 = 5.00
> credit 3.00 USD PR-2=3.00
2027-01-05 00:00  payment CREDIT 0.00 USD, 3.00 on PR-000002, client credit -3.00
2027-01-05 00:00  PR-000002 PENDING -> PAID
> credit 3.00 USD PR-3=3.00
refused (conflict insufficient_credit): The client's credit is 1.00 USD. Allocate at most that.
> credit 1.00 USD PR-3=1.00
2027-01-05 00:00  payment CREDIT 0.00 USD, 1.00 on PR-000003, client credit -1.00
# One payment for several; without a request it is all credit.
> ask 2.00 USD due=2027-02-01
2027-01-05 00:00  PR-000004 issued: ONE_TIME 2.00 USD PENDING, due 2027-02-01 00:00
    Work | 1 item x 2.00 = 2.00
> payment 6.50 USD PR-3=4.00 PR-4=2.00
2027-01-05 00:00  payment BANK 6.50 USD, 4.00 on PR-000003, 2.00 on PR-000004, client credit 0.50
2027-01-05 00:00  PR-000003 PENDING -> PAID
2027-01-05 00:00  PR-000004 PENDING -> PAID
> payment 1.00 USD
2027-01-05 00:00  payment BANK 1.00 USD, client credit 1.00
> payment 1.00 USD PR-4=1.00
refused (conflict request_not_open): PR-000004 is PAID and takes no payment. Leave it out; what is not allocated becomes client credit.
> ask 1.00 USD due=2027-02-01
2027-01-05 00:00  PR-000005 issued: ONE_TIME 1.00 USD PENDING, due 2027-02-01 00:00
    Work | 1 item x 1.00 = 1.00
> payment 1.00 EUR PR-5=1.00
refused (invalid invalid): allocations[0].payment_request_id: is in USD, the payment in EUR
> payment 1.00 USD PR-5=1.50
refused (invalid invalid): allocations: add up to more than the payment
> payment 1.00 USD PR-9=1.00
refused (invalid invalid): allocations[0].payment_request_id: there is no such payment request of this client
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, denied, minutes_exhausted
client credit 1.50 USD
# Money that was received stays the client's when its request is canceled.
> mark PR-3 CANCELED
2027-01-05 00:00  payment RELEASE 0.00 USD, -5.00 on PR-000003, client credit 5.00
2027-01-05 00:00  PR-000003 PAID -> CANCELED
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PAID 10.00 USD, paid 10.00, due 0.00, paid at 2027-01-05 00:00
PR-000002 (PR00000275) ONE_TIME PAID 3.00 USD, paid 3.00, due 0.00, paid at 2027-01-05 00:00
PR-000003 (PR00000372) ONE_TIME CANCELED 5.00 USD, paid 0.00, due 0.00
PR-000004 (PR00000469) ONE_TIME PAID 2.00 USD, paid 2.00, due 0.00, paid at 2027-01-05 00:00
PR-000005 (PR00000566) ONE_TIME PENDING 1.00 USD, paid 0.00, due 1.00
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used nothing
wallet 0 s, denied, minutes_exhausted
client credit 6.50 USD
# Nothing is no payment.
> payment 0.00 USD
refused (invalid invalid): amount: must be above zero
