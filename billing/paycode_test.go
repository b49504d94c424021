package billing

import (
	"strings"
	"testing"
)

func TestPaymentCode(t *testing.T) {
	acme := Payee{Name: "Acme Voice\nGmbH", IBAN: "de02 1203 0000 0000 2020 51", BIC: "byladem1001", UPI: "acme@okbank", Link: "https://pay.example/{reference}?a={amount}&c={currency}&n={number}"}
	open := func(code string, amount, paid Money) *Request {
		return &Request{Number: 1, Status: Pending, Currency: Currency{code, 2}, Amount: amount, AmountPaid: paid}
	}
	for _, each := range []struct {
		name    string
		payee   Payee
		request *Request
		want    string
	}{
		{"a SEPA transfer of what is left", acme, open("EUR", 9900, 400), "BCD\n002\n1\nSCT\nBYLADEM1001\nAcme Voice GmbH\nDE02120300000000202051\nEUR95.00\n\n\nPR00000178"},
		{"UPI", acme, open("INR", 9900, 0), "upi://pay?pa=acme@okbank&pn=Acme%20Voice%0AGmbH&am=99.00&cu=INR&tn=PR00000178"},
		{"dollars", acme, open("USD", 9900, 0), ""},
		{"an IBAN with a slip in it", Payee{Name: "A", IBAN: "DE02120300000000202052"}, open("EUR", 9900, 0), ""},
		{"no name", Payee{IBAN: acme.IBAN}, open("EUR", 9900, 0), ""},
		{"paid", acme, &Request{Status: Paid, Currency: Currency{"EUR", 2}, Amount: 9900}, ""},
		{"more than a transfer holds", acme, open("EUR", 100_000_000_000, 0), ""},
	} {
		got, ok := each.payee.PaymentCode(each.request)
		if got != each.want || ok != (each.want != "") {
			t.Errorf("%s: %q, %v; want %q", each.name, got, ok, each.want)
		}
	}
	if got, want := acme.PaymentLink(open("EUR", 9900, 400)), "https://pay.example/PR00000178?a=95.00&c=EUR&n=PR-000001"; got != want {
		t.Errorf("link %q, want %q", got, want)
	}
	long := Payee{Name: strings.Repeat("ä", 100), IBAN: acme.IBAN}
	if code, _ := long.PaymentCode(open("EUR", 1, 0)); !strings.Contains(code, "\n"+strings.Repeat("ä", 70)+"\n") || len(code) > 331 {
		t.Errorf("a long name makes %d bytes: %q", len(code), code)
	}
	for iban, want := range map[string]string{"de02120300000000202051": "DE02 1203 0000 0000 2020 51", "": "", "X": "X"} {
		if got := SpacedIBAN(iban); got != want {
			t.Errorf("SpacedIBAN(%q) = %q", iban, got)
		}
	}
}
