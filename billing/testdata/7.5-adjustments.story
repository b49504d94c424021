# By hand, with a reason, never below zero.
> adjust 30.00 because goodwill
2027-01-01 00:00  wallet +30 min by ADJUSTMENT: now 30 min because goodwill
> adjust -10.00 because a mistake
2027-01-01 00:00  wallet -10 min by ADJUSTMENT: now 20 min because a mistake
> adjust -20.01 because too much
refused (conflict wallet_below_zero): The wallet holds 20.00 minutes; it cannot go below zero. Take away at most that.
> adjust 0.00 because nothing
refused (invalid invalid): minutes: must not be zero
> adjust 5.00
refused (invalid invalid): reason: must not be empty
> show
no subscription
wallet 20 min, allowed
