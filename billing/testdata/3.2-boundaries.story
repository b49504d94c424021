# Each boundary comes from the anchor alone: January 31, February 28, March 31.
> plan Monthly fee=10.00
plan Monthly is version 1
> assign Monthly
2027-01-01 00:00  plan Monthly (version 1) assigned
> start at 2027-01-31 10:30:00
2027-01-31 10:30  subscription started on Monthly version 1, anchor 2027-01-31T10:30:00 in UTC
2027-01-31 10:30  period 0 opens: 2027-01-31 10:30 to 2027-02-28 10:30
2027-01-31 10:30  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-02-07 10:30, grace ends 2027-02-14 10:30
    Monthly: recurring fee | 1 period x 10.00 = 10.00
2027-01-31 10:30  access: allowed -> denied, minutes_exhausted
> boundaries 5
2027-01-31 10:30:00 UTC = 2027-01-31 10:30 UTC
2027-02-28 10:30:00 UTC = 2027-02-28 10:30 UTC
2027-03-31 10:30:00 UTC = 2027-03-31 10:30 UTC
2027-04-30 10:30:00 UTC = 2027-04-30 10:30 UTC
2027-05-31 10:30:00 UTC = 2027-05-31 10:30 UTC
> cancel
2027-01-31 10:30  period 0 closes: nothing
2027-01-31 10:30  subscription active -> canceled
2027-01-31 10:30  access: denied, minutes_exhausted -> denied, no_subscription
# Every leap day there is, and February 28 in between.
> plan Yearly fee=10.00 every=1xYEAR
plan Yearly is version 1
> assign Yearly
2027-01-31 10:30  plan Yearly (version 1) assigned
> start at 2028-02-29 00:00:00
2027-02-07 10:30  PR-000001 PENDING -> OVERDUE
2028-02-29 00:00  subscription started on Yearly version 1, anchor 2028-02-29T00:00:00 in UTC
2028-02-29 00:00  period 0 opens: 2028-02-29 00:00 to 2029-02-28 00:00
2028-02-29 00:00  PR-000002 issued: RECURRING 10.00 USD PENDING, due 2028-03-07 00:00, grace ends 2028-03-14 00:00
    Yearly: recurring fee | 1 period x 10.00 = 10.00
2028-02-29 00:00  access: denied, no_subscription -> denied, minutes_exhausted
> boundaries 5
2028-02-29 00:00:00 UTC = 2028-02-29 00:00 UTC
2029-02-28 00:00:00 UTC = 2029-02-28 00:00 UTC
2030-02-28 00:00:00 UTC = 2030-02-28 00:00 UTC
2031-02-28 00:00:00 UTC = 2031-02-28 00:00 UTC
2032-02-29 00:00:00 UTC = 2032-02-29 00:00 UTC
> cancel
2028-02-29 00:00  period 0 closes: nothing
2028-02-29 00:00  subscription active -> canceled
2028-02-29 00:00  access: denied, minutes_exhausted -> denied, no_subscription
# Half past two does not exist in New York on March 11, 2029: the first instant after the gap.
> zone America/New_York
> plan Daily fee=1.00 every=1xDAY
plan Daily is version 1
> assign Daily
2028-02-29 00:00  plan Daily (version 1) assigned
> start at 2029-03-10 07:30:00
2028-03-07 00:00  PR-000002 PENDING -> OVERDUE
2029-03-10 07:30  subscription started on Daily version 1, anchor 2029-03-10T02:30:00 in America/New_York
2029-03-10 07:30  period 0 opens: 2029-03-10 07:30 to 2029-03-11 07:00
2029-03-10 07:30  PR-000003 issued: RECURRING 1.00 USD PENDING, due 2029-03-17 06:30, grace ends 2029-03-24 06:30
    Daily: recurring fee | 1 period x 1.00 = 1.00
2029-03-10 07:30  access: denied, no_subscription -> denied, minutes_exhausted
> boundaries 3
2029-03-10 02:30:00 EST = 2029-03-10 07:30 UTC
2029-03-11 03:00:00 EDT = 2029-03-11 07:00 UTC
2029-03-12 02:30:00 EDT = 2029-03-12 06:30 UTC
> cancel
2029-03-10 07:30  period 0 closes: nothing
2029-03-10 07:30  subscription active -> canceled
2029-03-10 07:30  access: denied, minutes_exhausted -> denied, no_subscription
# Half past one happens twice on November 4, 2029: the first time counts.
> start at 2029-11-03 05:30:00
2029-03-17 06:30  PR-000003 PENDING -> OVERDUE
2029-11-03 05:30  subscription started on Daily version 1, anchor 2029-11-03T01:30:00 in America/New_York
2029-11-03 05:30  period 0 opens: 2029-11-03 05:30 to 2029-11-04 05:30
2029-11-03 05:30  PR-000004 issued: RECURRING 1.00 USD PENDING, due 2029-11-10 06:30, grace ends 2029-11-17 06:30
    Daily: recurring fee | 1 period x 1.00 = 1.00
2029-11-03 05:30  access: denied, no_subscription -> denied, minutes_exhausted
> boundaries 3
2029-11-03 01:30:00 EDT = 2029-11-03 05:30 UTC
2029-11-04 01:30:00 EDT = 2029-11-04 05:30 UTC
2029-11-05 01:30:00 EST = 2029-11-05 06:30 UTC
> cancel
2029-11-03 05:30  period 0 closes: nothing
2029-11-03 05:30  subscription active -> canceled
2029-11-03 05:30  access: denied, minutes_exhausted -> denied, no_subscription
# Every second week keeps its hour across the change.
> plan Fortnightly fee=1.00 every=2xWEEK
plan Fortnightly is version 1
> assign Fortnightly
2029-11-03 05:30  plan Fortnightly (version 1) assigned
> start at 2030-03-01 12:00:00
2029-11-10 06:30  PR-000004 PENDING -> OVERDUE
2030-03-01 12:00  subscription started on Fortnightly version 1, anchor 2030-03-01T07:00:00 in America/New_York
2030-03-01 12:00  period 0 opens: 2030-03-01 12:00 to 2030-03-15 11:00
2030-03-01 12:00  PR-000005 issued: RECURRING 1.00 USD PENDING, due 2030-03-08 12:00, grace ends 2030-03-15 11:00
    Fortnightly: recurring fee | 1 period x 1.00 = 1.00
2030-03-01 12:00  access: denied, no_subscription -> denied, minutes_exhausted
> boundaries 2
2030-03-01 07:00:00 EST = 2030-03-01 12:00 UTC
2030-03-15 07:00:00 EDT = 2030-03-15 11:00 UTC
