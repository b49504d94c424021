package billing

import (
	"fmt"
	"strings"
)

// Payee is where the agency's money goes: whatever of it a client needs to know.
type Payee struct {
	Name string
	IBAN string
	BIC  string
	UPI  string // an address such as acme@bank
	Link string // of a payment page, with {reference}, {number}, {amount} and {currency} to be filled in
}

// PaymentCode is the text of a QR code that a banking app pays by: a SEPA credit transfer (EPC069-12) for euros to an
// IBAN, a UPI link for rupees to a UPI address. There is none for anything else.
func (p Payee) PaymentCode(r *Request) (text string, ok bool) {
	switch {
	case !r.Open() || r.Due() <= 0:
		return "", false
	case r.Currency == Currency{"EUR", 2} && IBANHolds(p.IBAN) && p.Name != "" && r.Due() <= 99_999_999_999:
		return p.transfer(r), true
	case r.Currency == Currency{"INR", 2} && strings.Contains(p.UPI, "@"):
		return fmt.Sprintf("upi://pay?pa=%s&pn=%s&am=%s&cu=INR&tn=%s", escaped(p.UPI), escaped(p.Name), r.Currency.Format(r.Due()), r.Reference()), true
	}
	return "", false
}

// transfer is the SEPA credit transfer in the lines EPC069-12 gives it: version 2, UTF-8, our reference as the text of
// the transfer, since it is no ISO 11649 one.
func (p Payee) transfer(r *Request) string {
	lines := []string{
		"BCD", "002", "1", "SCT", compact(p.BIC), cut(oneLine(p.Name), 70), compact(p.IBAN), "EUR" + r.Currency.Format(r.Due()),
		"", "", r.Reference(),
	}
	return strings.Join(lines, "\n")
}

// PaymentLink is the address of the agency's payment page for a request; empty where it has none.
func (p Payee) PaymentLink(r *Request) string {
	return strings.NewReplacer("{reference}", r.Reference(), "{number}", r.Label(), "{amount}", r.Currency.Format(r.Due()), "{currency}", r.Currency.Code).Replace(p.Link)
}

// SpacedIBAN is an IBAN in groups of four, as people read it.
func SpacedIBAN(iban string) string {
	var b strings.Builder
	for i, c := range compact(iban) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// IBANHolds checks the form and the two check digits of an IBAN (ISO 13616).
func IBANHolds(iban string) bool {
	iban = compact(iban)
	if len(iban) < 15 || len(iban) > 34 {
		return false
	}
	return mod97(iban[4:]+iban[:4]) == 1
}

func compact(text string) string {
	return strings.ToUpper(strings.Join(strings.Fields(text), ""))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func cut(text string, most int) string {
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most])
	}
	return text
}

// escaped is text as it stands in the query of an address.
func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~@", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
