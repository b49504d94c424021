package provider_test

import (
	"encoding/json"
	"testing"

	"minutebook/provider"
)

func seconds(n int64) *int64 { return &n }

func TestGateQuestionsAndAnswers(t *testing.T) {
	allowed := provider.Reply{Allowed: true, AssistantID: "asst-1", Tag: "minutebook_client", Client: "acme-dental"}
	capped := allowed
	capped.MaxSeconds = seconds(240)
	short := allowed
	short.MaxSeconds = seconds(9)
	unnamed := provider.Reply{Allowed: true}
	refused := provider.Reply{Message: "This line is temporarily unavailable."}
	const vapiAsk = `{"message":{"type":"assistant-request","call":{"type":"inboundPhoneCall"},"phoneNumber":{"id":"pn-1","number":"+14155550199"}}}`
	const vapiDial = `{"message":{"type":"campaign.predial","campaign":{"assistantId":"asst-1","phoneNumberId":"pn-1"}}}`
	const retellAsk = `{"event":"call_inbound","call_inbound":{"agent_id":"agent_12345","from_number":"+1","to_number":"+12137771235"}}`
	for _, c := range []struct {
		name, provider, body string
		reply                provider.Reply
		want                 string
	}{
		{"vapi allows", "vapi", vapiAsk, allowed, `{"assistantId":"asst-1","assistantOverrides":{"metadata":{"minutebook_client":"acme-dental"}}}`},
		{"vapi caps", "vapi", vapiAsk, capped, `{"assistantId":"asst-1","assistantOverrides":{"maxDurationSeconds":240,"metadata":{"minutebook_client":"acme-dental"}}}`},
		{"vapi refuses", "vapi", vapiAsk, refused, `{"error":"This line is temporarily unavailable."}`},
		{"vapi has too little left", "vapi", vapiAsk, short, `{"error":"This line is temporarily unavailable."}`},
		{"vapi without an assistant", "vapi", vapiAsk, unnamed, `{"error":"This line is not set up: its gate URL names no assistant_id."}`},
		{"vapi may dial", "vapi", vapiDial, allowed, `{"eligible":true}`},
		{"vapi may not dial", "vapi", vapiDial, refused, `{"eligible":false}`},
		{"retell allows", "retell", retellAsk, unnamed, `{"call_inbound":{"override_agent_id":"agent_12345"}}`},
		{"retell caps", "retell", retellAsk, capped, `{"call_inbound":{"agent_override":{"agent":{"max_call_duration_ms":240000}},"metadata":{"minutebook_client":"acme-dental"},"override_agent_id":"asst-1"}}`},
		{"retell refuses", "retell", retellAsk, refused, `{"call_inbound":{"reject":true}}`},
		{"retell cannot cap under a minute", "retell", retellAsk, provider.Reply{Allowed: true, MaxSeconds: seconds(59)}, `{"call_inbound":{"reject":true}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _ := provider.ByName(c.provider)
			q, err := p.Ask([]byte(c.body), "minutebook_client")
			if err != nil || q.Ignored {
				t.Fatalf("Ask = %+v, %v", q, err)
			}
			got, err := json.Marshal(p.Reply(q, c.reply))
			if err != nil || string(got) != c.want {
				t.Errorf("Reply = %s, %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestGateReadsWhatAMappingMatches(t *testing.T) {
	vapi, _ := provider.ByName("vapi")
	q, err := vapi.Ask([]byte(`{"message":{"type":"assistant-request","call":{"assistantOverrides":{"metadata":{"c":42}}},"phoneNumber":{"id":"pn-1","number":"+14155550199"}}}`), "c")
	if want := (provider.Question{PhoneNumber: "+14155550199", ClientTag: "42", Direction: provider.Inbound}); err != nil || q != want {
		t.Errorf("Ask = %+v, %v, want %+v", q, err, want)
	}
	retell, _ := provider.ByName("retell")
	for _, body := range []string{`{"event":"call_ended"}`, `{"message":{"type":"status-update"}}`, `{}`} {
		for _, p := range []provider.Provider{vapi, retell} {
			if q, err := p.Ask([]byte(body), "c"); err != nil || !q.Ignored {
				t.Errorf("%s: Ask(%s) = %+v, %v, want it ignored", p.Name, body, q, err)
			}
		}
	}
	if _, err := retell.Ask([]byte(`[`), "c"); err == nil {
		t.Error("Ask of half a body: want an error")
	}
}
