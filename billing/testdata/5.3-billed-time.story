# Free below 3 s; else at least 30 s; else up to the next 6 s, in this order.
> plan Rounded fee=9.00 included=300 round=6/30/3 chats=7
plan Rounded is version 1
> assign Rounded
2027-01-01 00:00  plan Rounded (version 1) assigned
> start
2027-01-01 00:00  subscription started on Rounded version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 9.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Rounded: recurring fee | 1 period x 9.00 = 9.00
> use none 0s
2027-01-01 00:00  none recorded RATED: billed 0 s = nothing
> use short 2.999s
2027-01-01 00:00  short recorded RATED: billed 0 s = nothing
> use least 3s
2027-01-01 00:00  least recorded RATED: billed 30 s = included 30 s
> use exact 30s
2027-01-01 00:00  exact recorded RATED: billed 30 s = included 30 s
> use next 30.001s
2027-01-01 00:00  next recorded RATED: billed 36 s = included 36 s
> use two 61s
2027-01-01 00:00  two recorded RATED: billed 1 min 6 s = included 1 min 6 s
# Seven chats cost a minute; one costs 8571 ms, rounded half up.
> chat one 1
2027-01-01 00:00  one recorded RATED: billed 8.571 s = included 8.571 s
> chat seven 7
2027-01-01 00:00  seven recorded RATED: billed 59.997 s = included 59.997 s
> cancel requests=cancel
2027-01-01 00:00  PR-000001 PENDING -> CANCELED
2027-01-01 00:00  period 0 closes: included 3 min 50.568 s
2027-01-01 00:00  subscription active -> canceled
2027-01-01 00:00  access: allowed -> denied, no_subscription
# Where chat is off it is recorded and costs nothing.
> plan Mute fee=9.00 included=300
plan Mute is version 1
> assign Mute
2027-01-01 00:00  plan Mute (version 1) assigned
> start
2027-01-01 00:00  subscription started on Mute version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000002 issued: RECURRING 9.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Mute: recurring fee | 1 period x 9.00 = 9.00
2027-01-01 00:00  access: denied, no_subscription -> allowed
> chat off 7
2027-01-01 00:00  off recorded RATED: billed 0 s = nothing
