# Billing pauses what runs while the client is denied, and resumes only that. A person's pause stays.
> plan Gold fee=10.00 included=1 due=7 grace=60
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-03-09 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> campaign Recall
2027-01-01 00:00  campaign Recall registered RUNNING
> campaign Survey
2027-01-01 00:00  campaign Survey registered RUNNING
> campaign Gone
2027-01-01 00:00  campaign Gone registered RUNNING
> pause Survey because of the holidays
2027-01-01 00:00  campaign Survey PAUSED by USER: of the holidays
> stop Gone
2027-01-01 00:00  campaign Gone STOPPED
> at 2027-01-08
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
2027-01-08 00:00  campaign Recall PAUSED by BILLING: payment_overdue
> campaign Late
2027-01-08 00:00  campaign Late registered RUNNING
2027-01-08 00:00  campaign Late PAUSED by BILLING: payment_overdue
> resume Survey
2027-01-08 00:00  campaign Survey RUNNING
2027-01-08 00:00  campaign Survey PAUSED by BILLING: payment_overdue
> pause Recall because I say so
2027-01-08 00:00  campaign Recall PAUSED by USER: I say so
> resume Gone
refused (conflict campaign_stopped): The campaign is stopped. Register a new one.
> mark PR-1 PAID
2027-01-08 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000001
2027-01-08 00:00  PR-000001 OVERDUE -> PAID
2027-01-08 00:00  subscription past_due -> active
2027-01-08 00:00  access: denied, payment_overdue -> allowed
2027-01-08 00:00  campaign Survey RUNNING
2027-01-08 00:00  campaign Late RUNNING
> resume Recall
2027-01-08 00:00  campaign Recall RUNNING
# The reason follows when it changes.
> use c1 1m
2027-01-08 00:00  c1 recorded RATED: billed 1 min = included 1 min
2027-01-08 00:00  access: allowed -> denied, minutes_exhausted
2027-01-08 00:00  campaign Recall PAUSED by BILLING: minutes_exhausted
2027-01-08 00:00  campaign Survey PAUSED by BILLING: minutes_exhausted
2027-01-08 00:00  campaign Late PAUSED by BILLING: minutes_exhausted
> mark PR-1 PENDING
2027-01-08 00:00  payment REVERSAL -10.00 USD, -10.00 on PR-000001
2027-01-08 00:00  PR-000001 PAID -> PENDING
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
2027-01-08 00:00  campaign Recall PAUSED by BILLING: payment_overdue
2027-01-08 00:00  campaign Survey PAUSED by BILLING: payment_overdue
2027-01-08 00:00  campaign Late PAUSED by BILLING: payment_overdue
> mark PR-1 PAID
2027-01-08 00:00  payment MANUAL 10.00 USD, 10.00 on PR-000001
2027-01-08 00:00  PR-000001 OVERDUE -> PAID
2027-01-08 00:00  subscription past_due -> active
2027-01-08 00:00  access: denied, payment_overdue -> denied, minutes_exhausted
2027-01-08 00:00  campaign Recall PAUSED by BILLING: minutes_exhausted
2027-01-08 00:00  campaign Survey PAUSED by BILLING: minutes_exhausted
2027-01-08 00:00  campaign Late PAUSED by BILLING: minutes_exhausted
> mark PR-1 PENDING
2027-01-08 00:00  payment REVERSAL -10.00 USD, -10.00 on PR-000001
2027-01-08 00:00  PR-000001 PAID -> PENDING
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: denied, minutes_exhausted -> denied, payment_overdue
2027-01-08 00:00  campaign Recall PAUSED by BILLING: payment_overdue
2027-01-08 00:00  campaign Survey PAUSED by BILLING: payment_overdue
2027-01-08 00:00  campaign Late PAUSED by BILLING: payment_overdue
