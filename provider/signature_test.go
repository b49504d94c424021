package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	retellBodyText = `{"event":"call_ended"}`
	retellDigest   = "07024cabe7dd8f6d1c6e4a8324ca92c812e6ad4a7ee506c04f7e462e3321823e"
	vapiBodyText   = `{"message":{"type":"end-of-call-report"}}`
	vapiDigest     = "5d9d76e52bff64781ff563030e8c10c62e260d1bee75cb20bc5ff50516409871"
)

var signedAt = time.UnixMilli(1700000000000).UTC()

// headers builds a header as net/http delivers it, from name, value, name, value.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func mustProvider(t testing.TB, name string) Provider {
	t.Helper()
	p, ok := ByName(name)
	if !ok {
		t.Fatalf("ByName(%q) found nothing", name)
	}
	return p
}

type verifyCase struct {
	name   string
	secret string
	header http.Header
	body   string
	now    time.Time
	holds  bool
}

func runVerify(t *testing.T, provider string, cases []verifyCase) {
	p := mustProvider(t, provider)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := p.Verify(c.secret, c.header, []byte(c.body), c.now)
			if c.holds != (err == nil) {
				t.Fatalf("Verify() = %v, want holds = %v", err, c.holds)
			}
			if err != nil && !errors.Is(err, ErrSignature) {
				t.Errorf("Verify() = %v, want an ErrSignature", err)
			}
		})
	}
}

func TestVerifyRetell(t *testing.T) {
	const good = "v=1700000000000,d=" + retellDigest
	limit := 5 * time.Minute
	with := func(name, value string) verifyCase {
		return verifyCase{name, "test-api-key", headers("x-retell-signature", value), retellBodyText, signedAt, false}
	}
	at := func(name string, now time.Time, holds bool) verifyCase {
		return verifyCase{name, "test-api-key", headers("x-retell-signature", good), retellBodyText, now, holds}
	}
	runVerify(t, "retell", []verifyCase{
		at("vector", signedAt, true),
		at("at the limit, late", signedAt.Add(limit), true),
		at("at the limit, early", signedAt.Add(-limit), true),
		at("1 ms late", signedAt.Add(limit+time.Millisecond), false),
		at("1 ms early", signedAt.Add(-limit-time.Millisecond), false),
		with("empty", ""),
		with("timestamp only", "v=1700000000000"),
		with("digest first", "d="+retellDigest+",v=1700000000000"),
		with("leading text", "x"+good),
		with("leading space", " "+good),
		with("trailing text", good+",x=1"),
		with("trailing newline", good+"\n"),
		with("space inside", "v=1700000000000, d="+retellDigest),
		with("not hex", "v=1700000000000,d="+strings.Repeat("z", 64)),
		with("two digits short", "v=1700000000000,d="+retellDigest[:62]),
		with("two digits long", good+"00"),
		with("24-digit timestamp", "v=170000000000000000000000,d="+retellDigest),
		with("negative timestamp", "v=-1700000000000,d="+retellDigest),
		with("other timestamp", "v=1700000000001,d="+retellDigest),
		with("empty digest", "v=1700000000000,d="),
		{"no header", "test-api-key", headers(), retellBodyText, signedAt, false},
		{"twice", "test-api-key", headers("x-retell-signature", good, "x-retell-signature", good), retellBodyText, signedAt, false},
		{"trailing space in body", "test-api-key", headers("x-retell-signature", good), retellBodyText + " ", signedAt, false},
		{"empty body", "test-api-key", headers("x-retell-signature", good), "", signedAt, false},
		{"wrong key", "test-api-kez", headers("x-retell-signature", good), retellBodyText, signedAt, false},
		{"empty secret", "", headers("x-retell-signature", good), retellBodyText, signedAt, false},
		{"a bearer is no signature", "test-api-key", headers("Authorization", "Bearer test-api-key"), retellBodyText, signedAt, false},
	})
}

func TestVerifyVapiHMAC(t *testing.T) {
	limit := 5 * time.Minute
	with := func(name, signature, stamp string, holds bool) verifyCase {
		return verifyCase{name, "vapi-hmac-secret", headers("x-signature", signature, "x-timestamp", stamp), vapiBodyText, signedAt, holds}
	}
	at := func(name string, now time.Time, holds bool) verifyCase {
		c := with(name, vapiDigest, "1700000000", holds)
		c.now = now
		return c
	}
	other := func(name, secret, body string) verifyCase {
		c := with(name, vapiDigest, "1700000000", false)
		c.secret, c.body = secret, body
		return c
	}
	inMillis, err := vapiHMAC.sum("vapi-hmac-secret", "1700000000000", []byte(vapiBodyText))
	if err != nil {
		t.Fatal(err)
	}
	runVerify(t, "vapi", []verifyCase{
		with("vector", vapiDigest, "1700000000", true),
		with("prefix", "sha256="+vapiDigest, "1700000000", true),
		with("milliseconds", hex.EncodeToString(inMillis), "1700000000000", true),
		at("at the limit, late", signedAt.Add(limit), true),
		at("at the limit, early", signedAt.Add(-limit), true),
		at("1 ms late", signedAt.Add(limit+time.Millisecond), false),
		at("1 ms early", signedAt.Add(-limit-time.Millisecond), false),
		with("empty", "", "1700000000", false),
		with("empty timestamp", vapiDigest, "", false),
		with("prefix only", "sha256=", "1700000000", false),
		with("other prefix", "sha1="+vapiDigest, "1700000000", false),
		with("leading text", "x"+vapiDigest, "1700000000", false),
		with("trailing text", vapiDigest+",x", "1700000000", false),
		with("digest and timestamp exchanged", "1700000000", vapiDigest, false),
		with("not hex", strings.Repeat("z", 64), "1700000000", false),
		with("two digits short", vapiDigest[:62], "1700000000", false),
		with("24-digit timestamp", vapiDigest, "170000000000000000000000", false),
		with("timestamp with a sign", vapiDigest, "+1700000000", false),
		with("other timestamp", vapiDigest, "1700000001", false),
		other("trailing space in body", "vapi-hmac-secret", vapiBodyText+" "),
		other("wrong key", "vapi-hmac-secreu", vapiBodyText),
		other("empty secret", "", vapiBodyText),
		{"no timestamp", "vapi-hmac-secret", headers("x-signature", vapiDigest), vapiBodyText, signedAt, false},
		{"two signatures", "vapi-hmac-secret", headers("x-signature", vapiDigest, "x-signature", vapiDigest, "x-timestamp", "1700000000"), vapiBodyText, signedAt, false},
		{"two timestamps", "vapi-hmac-secret", headers("x-signature", vapiDigest, "x-timestamp", "1700000000", "x-timestamp", "1700000000"), vapiBodyText, signedAt, false},
	})
}

func TestVerifyVapiSecrets(t *testing.T) {
	with := func(name string, holds bool, pairs ...string) verifyCase {
		return verifyCase{name, "s3cret", headers(pairs...), vapiBodyText, signedAt, holds}
	}
	empty := with("empty secret, empty header", false, "X-Vapi-Secret", "")
	empty.secret = ""
	emptyBearer := with("empty secret, empty bearer", false, "Authorization", "Bearer ")
	emptyBearer.secret = ""
	runVerify(t, "vapi", []verifyCase{
		with("legacy", true, "X-Vapi-Secret", "s3cret"),
		with("bearer", true, "Authorization", "Bearer s3cret"),
		with("bearer in lower case", true, "Authorization", "bearer s3cret"),
		with("nothing", false),
		with("legacy wrong", false, "X-Vapi-Secret", "s3cres"),
		with("legacy longer", false, "X-Vapi-Secret", "s3cret "),
		with("legacy twice", false, "X-Vapi-Secret", "s3cret", "X-Vapi-Secret", "s3cret"),
		with("legacy empty", false, "X-Vapi-Secret", ""),
		with("bearer wrong", false, "Authorization", "Bearer s3cres"),
		with("no scheme", false, "Authorization", "s3cret"),
		with("basic", false, "Authorization", "Basic s3cret"),
		with("bad signature is not excused by a secret", false, "X-Signature", vapiDigest, "X-Timestamp", "1700000000", "X-Vapi-Secret", "s3cret"),
		with("empty signature is not excused by a bearer", false, "X-Signature", "", "Authorization", "Bearer s3cret"),
		with("bad legacy secret is not excused by a bearer", false, "X-Vapi-Secret", "no", "Authorization", "Bearer s3cret"),
		empty,
		emptyBearer,
	})
}

// The verifier is general: what other providers sign differs in the table's fields only.
func TestSchemeIsGeneral(t *testing.T) {
	base := scheme{hash: sha256.New, encoding: hex.DecodeString, key: rawKey, tolerance: 5 * time.Minute}
	stamped := func(header, mark string) scheme {
		s := base
		s.header, s.template, s.stamp = header, []string{"{stamp}", ".", "{body}"}, epoch
		s.layout = regexp.MustCompile(`^t=(?P<stamp>[0-9]{1,15}),` + mark + `=(?P<digest>[0-9a-f]{64})$`)
		return s
	}
	bland := base
	bland.header, bland.template = "X-Webhook-Signature", []string{"{body}"}
	bland.layout = regexp.MustCompile(`^(?P<digest>[0-9a-f]{64})$`)

	for _, c := range []struct {
		name, secret, body, value string
		scheme                    scheme
		now                       int64
	}{
		{
			"elevenlabs", "test_secret", `{"event_type": "speech.completed", "id": "123456"}`,
			"t=1600000000,v0=f8a0d1dc33ee963cb54d2f31514555995e93313c9d2042c030adbb82b87fae13",
			stamped("ElevenLabs-Signature", "v0"), 1600000000,
		},
		{
			"stripe", "whsec_test_secret", `{"id":"evt_1","object":"event","type":"checkout.session.completed"}`,
			"t=1700000000,v1=d1e4aa90551919f198c22ba0a9691b35338d4b631d54ce1f1465e93b1d41c430",
			stamped("Stripe-Signature", "v1"), 1700000000,
		},
		{
			"bland", "bland-secret", `{"call_id":"c-1","call_length":0.75}`,
			"2986620f7882c25cf0cb6939089a892592a613ac8f3d58891baa580c0f1a1396", bland, 0,
		},
	} {
		err := c.scheme.verify(c.secret, headers(c.scheme.header, c.value), []byte(c.body), time.Unix(c.now, 0))
		if err != nil {
			t.Errorf("%s: verify() = %v, want none", c.name, err)
		}
	}
}

func TestSignThenVerify(t *testing.T) {
	body := []byte(`{"text":"{stamp}{body}"}`)
	now := signedAt.Add(123456 * time.Microsecond)
	if err := verifyRetell("k", headers("X-Retell-Signature", SignRetell("k", body, now)), body, now); err != nil {
		t.Errorf("retell: verify(sign()) = %v", err)
	}
	signature, stamp := SignVapi("k", body, now)
	if err := verifyVapi("k", headers("X-Signature", signature, "X-Timestamp", stamp), body, now); err != nil {
		t.Errorf("vapi: verify(sign()) = %v", err)
	}
	if got, want := SignRetell("test-api-key", []byte(retellBodyText), signedAt), "v=1700000000000,d="+retellDigest; got != want {
		t.Errorf("SignRetell() = %s, want %s", got, want)
	}
	if got, _ := SignVapi("vapi-hmac-secret", []byte(vapiBodyText), signedAt); got != vapiDigest {
		t.Errorf("SignVapi() = %s, want %s", got, vapiDigest)
	}
	if got := SignRetell("", body, now); got != "" {
		t.Errorf("SignRetell(no secret) = %q, want nothing", got)
	}
}

func FuzzSignature(f *testing.F) {
	f.Add("test-api-key", "v=1700000000000,d="+retellDigest, "", []byte(retellBodyText), int64(1700000000000))
	f.Add("vapi-hmac-secret", vapiDigest, "1700000000", []byte(vapiBodyText), int64(1700000000000))
	f.Add("vapi-hmac-secret", "sha256="+vapiDigest, "1700000000000", []byte(vapiBodyText), int64(1700000000000))
	f.Add("", "v=,d=", "-1", []byte{}, int64(-1))
	f.Fuzz(func(t *testing.T, secret, value, stamp string, body []byte, nowMS int64) {
		now := time.UnixMilli(nowMS)
		if err := verifyRetell(secret, headers("X-Retell-Signature", value), body, now); err == nil {
			ms, _ := strconv.ParseInt(value[2:strings.IndexByte(value, ',')], 10, 64)
			if want := SignRetell(secret, body, time.UnixMilli(ms)); !sameStamp(value, want) {
				t.Errorf("retell accepted %q, signing gives %q", value, want)
			}
		}
		h := headers("X-Signature", value, "X-Timestamp", stamp, "X-Vapi-Secret", secret)
		if err := verifyVapi(secret, h, body, now); err == nil {
			sum, _ := vapiHMAC.sum(secret, stamp, body)
			if !strings.HasSuffix(strings.ToLower(value), hex.EncodeToString(sum)) {
				t.Errorf("vapi accepted %q for %x", value, sum)
			}
		}
		if err := verifyVapi(secret, headers("Authorization", value), body, now); err == nil && !strings.HasSuffix(value, secret) {
			t.Errorf("vapi accepted the bearer %q for %q", value, secret)
		}
	})
}

// sameStamp says whether two header values are equal; a stamp with leading zeros signs another
// text and cannot be compared by signing the time again.
func sameStamp(value, want string) bool {
	return strings.HasPrefix(value, "v=0") || strings.EqualFold(value, want)
}
