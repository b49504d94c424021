# A provider's later report of the same call: more is drawn from the open period, less is given back, uncovered and
# billable first. The event stays what it was.
> plan Gold fee=9.00 included=10 rate=0.25 grace=365
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-01-08 00:00, grace ends 2028-01-08 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> use c1 8m at 2027-01-02
2027-01-02 00:00  c1 recorded RATED: billed 8 min = included 8 min
> correct c1 12m because the report was corrected
2027-01-02 00:00  c1 corrected to 12 min, billed 12 min; period 0: included 2 min + billable 2 min because the report was corrected
> correct c1 9m because the report was corrected
2027-01-02 00:00  c1 corrected to 9 min, billed 9 min; period 0: included -1 min + billable -2 min because the report was corrected
> correct c1 9m because the same again
2027-01-02 00:00  c1 corrected to 9 min, billed 9 min because the same again
> show
active on Gold version 1 since 2027-01-01 00:00, period 0 (2027-01-01 00:00 to 2027-02-01 00:00): used included 9 min
wallet 0 s, allowed
# Of a period that is closed, as with a void.
> use c2 3m
2027-01-02 00:00  c2 recorded RATED: billed 3 min = included 1 min + billable 2 min
> at 2027-02-01
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
2027-02-01 00:00  period 0 closes: included 10 min + billable 2 min
2027-02-01 00:00  PR-000002 issued: USAGE 0.50 USD PENDING, due 2027-02-08 00:00, grace ends 2028-02-08 00:00
    Gold: minutes beyond the included and add-on minutes | 2.00 minute x 0.25 = 0.50
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
2027-02-01 00:00  PR-000003 issued: RECURRING 9.00 USD PENDING, due 2027-02-08 00:00, grace ends 2028-02-08 00:00
    Gold: recurring fee | 1 period x 9.00 = 9.00
> correct c2 30s because the report was corrected
2027-02-01 00:00  c2 corrected to 30 s, billed 30 s; period 0: included -30 s + billable -2 min; wallet +30 s because the report was corrected
2027-02-01 00:00  credit line of 0.50 USD: Credit: 2 min of call c2
> void c2 because a dispute
2027-02-01 00:00  c2 voided; period 0: included -30 s; wallet +30 s because a dispute
> show
past_due on Gold version 1 since 2027-01-08 00:00, period 1 (2027-02-01 00:00 to 2027-03-01 00:00): used nothing
wallet 1 min, denied, payment_overdue
# And more is drawn from the period that is open now.
> use c3 1m
2027-02-01 00:00  c3 recorded RATED: billed 1 min = included 1 min
> correct c1 11m because once more
2027-02-01 00:00  c1 corrected to 11 min, billed 11 min; period 1: included 2 min because once more
> show
past_due on Gold version 1 since 2027-01-08 00:00, period 1 (2027-02-01 00:00 to 2027-03-01 00:00): used included 3 min
wallet 1 min, denied, payment_overdue
> void c1 because a dispute
2027-02-01 00:00  c1 voided; period 1: included -2 min; period 0: included -9 min; wallet +9 min because a dispute
> show
past_due on Gold version 1 since 2027-01-08 00:00, period 1 (2027-02-01 00:00 to 2027-03-01 00:00): used included 1 min
wallet 10 min, denied, payment_overdue
