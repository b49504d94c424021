# Numbers are gapless; the reference carries check digits; a refused command takes no number.
> plan Gold fee=10.00 packs
plan Gold is version 1
> pack Two minutes=2 price=1.00
> assign Gold
2027-01-01 00:00  plan Gold (version 1) assigned
> offer Two
2027-01-01 00:00  packs offered: Two
> start
2027-01-01 00:00  subscription started on Gold version 1, anchor 2027-01-01T00:00:00 in UTC
2027-01-01 00:00  period 0 opens: 2027-01-01 00:00 to 2027-02-01 00:00
2027-01-01 00:00  PR-000001 issued: RECURRING 10.00 USD PENDING, due 2027-01-08 00:00, grace ends 2027-01-15 00:00
    Gold: recurring fee | 1 period x 10.00 = 10.00
2027-01-01 00:00  access: allowed -> denied, minutes_exhausted
> ask 0.00 USD due=2027-02-01
refused (invalid invalid): line_items: the sum must be above zero
> ask -5.00 USD due=2027-02-01
refused (invalid invalid): line_items: the sum must be above zero
> ask 5.00 USD
refused (invalid invalid): due_date: is required
> ask 5.00 USD due=2027-02-01 for=Set-up
2027-01-01 00:00  PR-000002 issued: ONE_TIME 5.00 USD PENDING, due 2027-02-01 00:00
    Set-up | 1 item x 5.00 = 5.00
> apply Two
2027-01-01 00:00  PR-000003 issued: PACK 1.00 USD PENDING, due 2027-01-08 00:00
    Two: 2.00 add-on minutes | 1 pack x 1.00 = 1.00
2027-01-01 00:00  wallet +2 min by PACK: now 2 min
2027-01-01 00:00  access: denied, minutes_exhausted -> allowed
> mark PR-3 PAID external=bank-7
2027-01-01 00:00  payment MANUAL 1.00 USD, 1.00 on PR-000003
2027-01-01 00:00  PR-000003 PENDING -> PAID
> show requests
PR-000001 (PR00000178) SUBSCRIPTION PENDING 10.00 USD, paid 0.00, due 10.00
PR-000002 (PR00000275) ONE_TIME PENDING 5.00 USD, paid 0.00, due 5.00
PR-000003 (PR00000372) ADDON PAID 1.00 USD, paid 1.00, due 0.00, external payment bank-7, paid at 2027-01-01 00:00
