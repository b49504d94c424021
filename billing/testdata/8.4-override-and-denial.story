# An exemption allows for a time, but for a hold set by hand. Outbound-only spares inbound campaigns and calls.
> plan Gold fee=10.00 included=5 due=7 grace=60
plan Gold is version 1
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-03-09 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
> campaign In direction=INBOUND
2027-01-01 00:00  campaign In registered RUNNING
> campaign Out direction=OUTBOUND
2027-01-01 00:00  campaign Out registered RUNNING
> at 2027-01-08
2027-01-08 00:00  PR-000001 PENDING -> OVERDUE
2027-01-08 00:00  subscription active -> past_due
2027-01-08 00:00  access: allowed -> denied, payment_overdue
2027-01-08 00:00  campaign In PAUSED by BILLING: payment_overdue
2027-01-08 00:00  campaign Out PAUSED by BILLING: payment_overdue
> denial OUTBOUND_ONLY
2027-01-08 00:00  a denial now means OUTBOUND_ONLY
2027-01-08 00:00  campaign In RUNNING
> access INBOUND
allowed: Inbound calls keep working; outbound calls are paused.
> access OUTBOUND
denied, payment_overdue: Payment is overdue: PR-000001 (10.00 USD). Calls and campaigns are paused since 8 Jan 2027.
lifted by: Payment of PR-000001 (10.00 USD).
> exempt until=2027-01-08 because too late
refused (invalid invalid): until: must lie in the future; send null to end an exemption
> exempt until=2027-01-20
refused (invalid invalid): reason: must not be empty
> exempt until=2027-01-20 because the bank is slow
2027-01-08 00:00  exempt until 2027-01-20 00:00 because the bank is slow
2027-01-08 00:00  access: denied, payment_overdue -> allowed
2027-01-08 00:00  campaign Out RUNNING
> access
allowed: Calls are allowed until 20 Jan 2027 by an exemption: the bank is slow
> hold because it is disputed
2027-01-08 00:00  hold set because it is disputed
2027-01-08 00:00  access: allowed -> denied, agency_hold
2027-01-08 00:00  campaign Out PAUSED by BILLING: agency_hold
> access
denied, agency_hold: The agency put the account on hold on 8 Jan 2027: it is disputed
lifted by: The agency lifting its hold.
> release
2027-01-08 00:00  hold lifted
2027-01-08 00:00  access: denied, agency_hold -> allowed
2027-01-08 00:00  campaign Out RUNNING
> at 2027-01-20
2027-01-20 00:00  exemption ended
2027-01-20 00:00  access: allowed -> denied, payment_overdue
2027-01-20 00:00  campaign Out PAUSED by BILLING: payment_overdue
> exempt until=2027-01-25 because the bank is slow at 2027-01-21
2027-01-21 00:00  exempt until 2027-01-25 00:00 because the bank is slow
2027-01-21 00:00  access: denied, payment_overdue -> allowed
2027-01-21 00:00  campaign Out RUNNING
> exempt over
2027-01-21 00:00  exemption ended
2027-01-21 00:00  access: allowed -> denied, payment_overdue
2027-01-21 00:00  campaign Out PAUSED by BILLING: payment_overdue
> denial SOMETHING
refused (invalid invalid): denial_policy: must be PAUSE_ALL or OUTBOUND_ONLY
> denial PAUSE_ALL
2027-01-21 00:00  a denial now means PAUSE_ALL
2027-01-21 00:00  campaign In PAUSED by BILLING: payment_overdue
