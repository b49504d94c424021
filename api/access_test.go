package api_test

import (
	"bytes"
	"reflect"
	"testing"

	"minutebook/store"
	"minutebook/store/storetest"
)

// TestAccessIsAnsweredTheSameBothWays: what is asked plainly goes a short way, and is answered byte for byte as what goes
// through the library.
func TestAccessIsAnsweredTheSameBothWays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newWorld(t, db).agency("One")
		client, subscription := c.started(`Ärzte & <Söhne>`)
		same := func(path string) {
			t.Helper()
			short, long := c.send("GET", path, nil, "X-Request-Id", "r1"), c.send("GET", path, nil, "X-Request-Id", "r1", "Accept", "application/json, text/plain;q=0.1")
			if short.StatusCode != long.StatusCode || !reflect.DeepEqual(short.Header, long.Header) || !bytes.Equal(short.raw, long.raw) {
				t.Errorf("%s is answered\n%d %v %s\nand through the library\n%d %v %s", path, short.StatusCode, short.Header, short.raw, long.StatusCode, long.Header, long.raw)
			}
		}
		all := func() {
			t.Helper()
			for _, query := range []string{"", "?direction=INBOUND", "?direction=OUTBOUND", "?direction=WEB", "?direction=UP", "?more=1", "?direction="} {
				same("/clients/" + client + "/access" + query)
			}
		}
		all()
		c.want(200, "POST", "/clients/"+client+"/hold", fields{"on": true, "reason": `a "talk" & <more>`})
		all()
		c.want(200, "POST", "/subscriptions/"+subscription+"/cancel", fields{"at_period_end": false, "open_requests": "KEEP", "bill_usage": true})
		all()
		client = c.client("Capped").text("id")
		c.want(200, "PUT", "/clients/"+client+"/plan", fields{"plan_id": c.plan(fields{"overage_cap_minutes": "10"}).text("id")})
		subscription = c.want(201, "POST", "/clients/"+client+"/subscription", fields{}).text("id")
		if left := c.want(200, "GET", "/clients/"+client+"/access", nil).text("max_duration_seconds"); left == "null" {
			t.Error("a capped client may call without end")
		}
		all()
		c.want(200, "POST", "/subscriptions/"+subscription+"/cancel", fields{"at_period_end": false, "open_requests": "KEEP", "bill_usage": true})
		all()
		for _, id := range []string{"0", "1", "x", "-1", "99999999999999999999", c.client("Never subscribed").text("id")} {
			same("/clients/" + id + "/access")
		}
	})
}
