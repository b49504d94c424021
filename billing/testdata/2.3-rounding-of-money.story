# Billable time x rate / 60000, rounded once, half away from zero, to the minor unit.
> charge 30s 0.01 USD
0.01 USD
> charge 29.999s 0.01 USD
0.00 USD
> charge 100m 0.0125 USD
1.25 USD
> charge 61s 0.25 USD
0.25 USD
> charge 2m 0.5 JPY
1 JPY
> charge 1m 0.4 JPY
0 JPY
# The whole period is rounded, not each call: three calls of 20 s at 0.01 are one cent, not three times nothing.
> plan Pay rate=0.01 every=1xMONTH
plan Pay is version 1
> assign Pay
2027-01-01 00:00  plan Pay (version 1) assigned
> start
2027-01-01 00:00  subscription started on Pay version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
> use c1 20s at 2027-01-02
2027-01-02 00:00  c1 recorded RATED: billed 20 s = billable 20 s
> use c2 20s
2027-01-02 00:00  c2 recorded RATED: billed 20 s = billable 20 s
> use c3 20s
2027-01-02 00:00  c3 recorded RATED: billed 20 s = billable 20 s
> at 2027-02-01
2027-02-01 00:00  period 0 closes: billable 1 min
2027-02-01 00:00  PR-000001 issued: USAGE 0.01 USD PENDING, due 2027-02-08 00:00, grace ends 2027-02-15 00:00
    Pay: minutes beyond the included and add-on minutes | 1.00 minute x 0.01 = 0.01
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
