package store_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"minutebook/billing"
	"minutebook/store"
)

// What is said to have changed is what the summaries in JSON do not have in common, whichever field it is.
func TestDifferenceNamesEveryField(t *testing.T) {
	full := reflect.ValueOf(billing.Summary{
		Plan: 7, Status: billing.Active, PeriodIndex: 1, IncludedUsed: 2, Wallet: 3, Billable: 4, Uncovered: 5, OpenRequests: 6, Access: billing.AgencyHold,
	})
	for i := range full.NumField() {
		var before billing.Summary
		after := before
		reflect.ValueOf(&after).Elem().Field(i).Set(full.Field(i))
		for range 2 {
			was, is := store.Difference(before, after)
			wantWas, wantIs := fields(t, before), fields(t, after)
			for name, value := range wantWas {
				if same, both := wantIs[name]; both && same == value {
					delete(wantWas, name)
					delete(wantIs, name)
				}
			}
			if got := decoded(t, was); !reflect.DeepEqual(got, wantWas) {
				t.Errorf("field %d before: %v, want %v", i, got, wantWas)
			}
			if got := decoded(t, is); !reflect.DeepEqual(got, wantIs) || len(got)+len(wantWas) == 0 {
				t.Errorf("field %d after: %v, want %v", i, got, wantIs)
			}
			before, after = after, before
		}
	}
}

func fields(t *testing.T, s billing.Summary) map[string]any {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, string(text))
}

func decoded(t *testing.T, text string) (fields map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return fields
}
