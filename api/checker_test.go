package api_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"minutebook/api"
	"minutebook/app"
)

// checker holds every answer against the OpenAPI document.
type checker struct{ against validator.Validator }

// shared is the one checker of the test process: making it takes longer than most tests.
var shared struct {
	sync.Mutex
	*checker
}

func newChecker(t testing.TB, a *app.App) *checker {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.checker == nil {
		shared.checker = makeChecker(t, a)
	}
	return shared.checker
}

func makeChecker(t testing.TB, a *app.App) *checker {
	t.Helper()
	text, err := api.Document(a, "test")
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatalf("reading the document: %v", err)
	}
	against, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatalf("making a validator: %v", errs)
	}
	if valid, errs := against.ValidateDocument(); !valid {
		for _, e := range errs {
			t.Fatalf("the document is not OpenAPI 3.1: %s: %s %v", e.Message, e.Reason, e.SchemaValidationErrors)
		}
	}
	return &checker{against}
}

// answer checks one answer. Paths that are not there are documented nowhere.
func (c *checker) answer(t testing.TB, r *http.Request, got answer) {
	t.Helper()
	if got.body["detail"] == "There is nothing at this path." || got.StatusCode == http.StatusMethodNotAllowed || got.StatusCode == http.StatusNoContent {
		return
	}
	valid, errs := c.against.ValidateHttpResponse(r, replayed(got))
	if valid {
		return
	}
	for _, e := range errs {
		t.Errorf("%s %s answered %d, which is not as documented: %s: %s", r.Method, r.URL.Path, got.StatusCode, e.Message, e.Reason)
		for _, s := range e.SchemaValidationErrors {
			t.Errorf("  %s: %s", s.KeywordLocation, s.Reason)
		}
	}
	t.Logf("%s", got.raw)
}

// replayed is a response with its body to be read once more.
func replayed(got answer) *http.Response {
	again := *got.Response
	again.Body = io.NopCloser(bytes.NewReader(got.raw))
	return &again
}
