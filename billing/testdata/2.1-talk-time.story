# Talk time is kept in milliseconds; minutes with two decimals are how it is shown.
> minutes 120.50
7230000 ms, shown as 120.50
> minutes 0.01
600 ms, shown as 0.01
> minutes 0.001
refused (invalid invalid): minutes: must have at most 2 decimals
> minutes -1
refused (invalid invalid): minutes: must be a plain decimal number in a string, such as "99.00": digits and at most one point
# Half a hundredth of a minute is 300 ms: it is shown rounded away from zero, and only shown so.
> display 299
0.00 minutes, 0.299 s
> display 300
0.01 minutes, 0.3 s
> display -300
-0.01 minutes, -0.3 s
> display 200000
3.33 minutes, 3 min 20 s
