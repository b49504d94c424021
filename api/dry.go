package api

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"minutebook/gate"
)

// ForReal are the routes without a dry run, and why. Every other command is one transaction, and can be tried.
var ForReal = map[string]string{
	"POST /access/check":                       changesNothing,
	"POST /plans/example":                      changesNothing,
	"POST /clients/import":                     "a list is tried with the field dry_run of its body",
	"POST /usage-events":                       recordsUsage,
	"POST /usage-events/batch":                 recordsUsage,
	"POST /unassigned-events/{id}/assign":      recordsUsage,
	"POST /rejected-events/{id}/replay":        recordsUsage,
	"POST /test-clock":                         "a clock moves a whole agency, a piece at a time; GET /clients/{id}/upcoming tells what comes",
	"POST /connections":                        handsOut,
	"PATCH /connections/{id}":                  handsOut,
	"DELETE /connections/{id}":                 handsOut,
	"PUT /connections/{id}/mappings":           recordsUsage,
	"POST /clients/{id}/users":                 handsOut,
	"DELETE /clients/{id}/users/{user_id}":     handsOut,
	"PUT /settings/brand/logo":                 touchesNobody,
	"DELETE /settings/brand/logo":              touchesNobody,
	"POST /settings/portal-hosts":              handsOut,
	"POST /settings/portal-hosts/{host}/check": "it asks the world outside",
	"DELETE /settings/portal-hosts/{host}":     touchesNobody,
}

const (
	changesNothing = "this changes nothing anyway"
	recordsUsage   = "calls that took place are recorded, whatever comes of it"
	handsOut       = "secrets and addresses are handed out once, and hold from then on"
	touchesNobody  = "this moves no client and no money"
)

// documentDryRun adds to each command that can be tried how to ask for that, and what the answer holds besides.
func (s *server) documentDryRun() {
	oapi := s.huma.OpenAPI()
	told := &huma.Schema{
		Type: huma.TypeArray, Items: oapi.Components.Schemas.Schema(reflect.TypeFor[gate.Told](), true, ""),
		Description: "Only in the answer to dry_run=true: what would happen, client by client",
	}
	for _, item := range oapi.Paths {
		for _, op := range []*huma.Operation{item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil || op.Metadata["dry"] != true {
				continue
			}
			answer := op.Responses[strconv.Itoa(op.DefaultStatus)]
			answer.Headers = map[string]*huma.Param{gate.DryRunHeader: {Description: "true where nothing was done", Schema: &huma.Schema{Type: huma.TypeString}}}
			body := oapi.Components.Schemas.SchemaFromRef(answer.Content["application/json"].Schema.Ref)
			body.Properties[gate.WhatHappens] = told
		}
	}
}

func dryRunParam() *huma.Param {
	return &huma.Param{
		Name: gate.DryRun, In: "query", Schema: &huma.Schema{Type: huma.TypeBoolean, Default: false},
		Description: "true: only tell. The answer is the command's own, refusals too, with what_happens beside it and the header " + gate.DryRunHeader + "; nothing is kept, no number is taken, and no Idempotency-Key is used.",
	}
}

// tryable says whether a route has a dry run.
func tryable(method, path string) bool {
	return method != http.MethodGet && ForReal[method+" "+path] == ""
}
