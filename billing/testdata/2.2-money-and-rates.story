# Money is kept in minor units of its currency, and written with all its decimals.
> money 99.00 USD
9900 minor units, shown as 99.00 USD
> money 99 JPY
99 minor units, shown as 99 JPY
> money 99.000 KWD
99000 minor units, shown as 99.000 KWD
> money 1.005 USD
refused (invalid invalid): amount: must have at most 2 decimals
> money 99.5 JPY
refused (invalid invalid): amount: must have at most 0 decimals
# A currency of the agency's own brings its own number of decimals.
> money 25.500001 USDT:6
25500001 minor units, shown as 25.500001 USDT
# A rate has up to six decimals.
> charge 60s 0.000001 USDT:6
0.000001 USDT
> charge 60s 0.0000001 USDT:6
refused (invalid invalid): rate: must have at most 6 decimals
