# A plan needs a fee, a rate, or both; included minutes come with a fee, a cap with a rate.
> plan Nothing
refused (invalid invalid): recurring_fee: a plan needs a recurring fee, a per-minute rate, or both
> plan NoFee included=10 rate=0.10
refused (invalid invalid): included_minutes: only a plan with a recurring fee has included minutes; give it a recurring_fee or leave this out
> plan NoRate fee=5.00 cap=10
refused (invalid invalid): overage_cap_minutes: only a plan with a per-minute rate has a cap; give it a per_minute_rate or leave this out
> plan Often fee=5.00 every=37xDAY
refused (invalid invalid): interval_count: must be between 1 and 36
> plan Late fee=5.00 due=366
refused (invalid invalid): payment_due_days: must be between 0 and 365
> plan Patient fee=5.00 grace=366
refused (invalid invalid): grace_days: must be between 0 and 365
> plan Chatty fee=5.00 chats=0
refused (invalid invalid): chats_per_minute: must be above zero
> plan UsageOnly rate=0.10
plan UsageOnly is version 1
> plan Free fee=0.00 included=10
plan Free is version 1
# A plan whose fee is zero asks for nothing, but its minutes are there.
> assign Free
2027-01-01 00:00  plan Free (version 1) assigned
> start
2027-01-01 00:00  subscription started on Free version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
> use c1 4m
2027-01-01 00:00  c1 recorded RATED: billed 4 min = included 4 min
> at 2027-02-01
2027-02-01 00:00  period 0 closes: included 4 min
2027-02-01 00:00  period 1 opens: 2027-02-01 00:00 to 2027-03-01 00:00
