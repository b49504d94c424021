package app

import (
	"context"
	"strings"

	"minutebook/billing"
)

// Currency is a code with its decimals: those ISO 4217 gives it, else the agency's own, else two. Field names the
// input it came from. Rules 2.2.
func (a *App) Currency(ctx context.Context, agency billing.ID, field, code string) (billing.Currency, error) {
	if err := billing.CheckCurrencyCode(field, code); err != nil {
		return billing.Currency{}, err
	}
	if isISO(code) {
		return billing.Currency{Code: code, Digits: billing.ISODigits(code)}, nil
	}
	g, err := a.Settings(ctx, Actor{Agency: agency})
	return billing.Currency{Code: code, Digits: digitsIn(g, code)}, err
}

func digitsIn(g Agency, code string) int {
	if own, named := g.Currencies[code]; named && !isISO(code) {
		return own
	}
	return billing.ISODigits(code)
}

func checkOwnCurrencies(own map[string]int) error {
	if len(own) > 100 {
		return billing.InvalidField("currencies", "must be at most 100")
	}
	for code, digits := range own {
		if err := billing.CheckCurrencyCode("currencies", code); err != nil {
			return err
		}
		if isISO(code) {
			return billing.InvalidField("currencies."+code, "has the %d decimals of ISO 4217; leave it out", billing.ISODigits(code))
		}
		if digits < 0 || digits > 8 {
			return billing.InvalidField("currencies."+code, "must be between 0 and 8 decimals")
		}
	}
	return nil
}

func isISO(code string) bool { return len(code) == 3 && strings.Contains(iso4217, " "+code+" ") }

// iso4217 are the active codes of the standard, without metals and test codes.
const iso4217 = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU" +
	" CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS" +
	" KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN" +
	" PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD" +
	" USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XDR XOF XPF XSU XUA YER ZAR ZMW ZWG "
