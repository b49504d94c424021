package desk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"minutebook/app"
	"minutebook/billing"
)

// What a form may send, and one with a file.
const (
	mostForm   = 1 << 20
	mostUpload = 1 << 20
)

// act carries a form out, once, and leads on; a refusal shows the form again.
func (r Route) act(v *Visit, face Face) {
	if err := v.parse(); err != nil {
		v.fail(face, err)
		return
	}
	if do := v.Text("do"); (do == rehearsing || do == previewing) && r.Again != nil && !r.Long && v.Who.Kind == app.ByUser {
		r.rehearse(v, face)
		return
	}
	done, err := r.do(v)
	err = v.Tongue.Refusal(err)
	switch {
	case err != nil:
		r.again(v, face, err)
	case done.Page != nil:
		v.render(face, http.StatusOK, *done.Page)
	default:
		v.say(done.Says)
		http.Redirect(v.W, v.R, Local(done.To), http.StatusSeeOther)
	}
}

// What a form sends to learn what it would do, and to see what it would make. Neither changes anything.
const (
	rehearsing = "tell"
	previewing = "preview"
)

// rehearse shows the form again with what it would do, told by doing it and undoing that, or else the page that the act
// itself shows for it.
func (r Route) rehearse(v *Visit, face Face) {
	var done Done
	told, err := v.App.Rehearse(v.R.Context(), func(ctx context.Context) error {
		within := *v
		within.R = v.R.WithContext(ctx)
		var err error
		done, err = r.Do(&within)
		return err
	})
	if err != nil {
		r.again(v, face, err)
		return
	}
	if done.Page != nil && v.Text("do") == previewing {
		v.render(face, http.StatusOK, *done.Page)
		return
	}
	if told == nil {
		told = []app.Told{}
	}
	v.Problem = &Problem{Form: v.Text("form"), Error: &billing.Error{}, Typed: v.R.PostForm, Told: told}
	page, err := r.Again(v)
	if err != nil {
		v.fail(face, err)
		return
	}
	v.render(face, http.StatusOK, page)
}

func (r Route) do(v *Visit) (Done, error) {
	if r.Long && v.Text("once") != "" {
		return r.Do(v)
	}
	return v.once(r.Do)
}

func (r Route) again(v *Visit, face Face, err error) {
	refused := Refusal(err)
	if refused == nil || r.Again == nil || refused.Kind == billing.NotFound && refused.Field == "" {
		v.fail(face, err)
		return
	}
	v.Problem = &Problem{Form: v.Text("form"), Error: refused, Typed: v.R.PostForm}
	page, broken := r.Again(v)
	if broken != nil {
		v.fail(face, broken)
		return
	}
	v.render(face, formStatus(v.R.Context(), refused), page)
}

// formStatus is the status of a form that is shown again. That it names what does not exist is a wrong field: the page
// itself is there.
func formStatus(ctx context.Context, refused *billing.Error) int {
	if refused.Kind == billing.NotFound {
		return http.StatusUnprocessableEntity
	}
	return HTTPStatus(ctx, refused)
}

func (v *Visit) parse() error {
	read, most := v.R.ParseForm, int64(mostForm)
	if kind, _, _ := mime.ParseMediaType(v.R.Header.Get("Content-Type")); kind == "multipart/form-data" {
		read, most = func() error { return v.R.ParseMultipartForm(mostUpload) }, mostUpload
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, most)
	err := read()
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return billing.Refuse(billing.TooLarge, "form_too_large", "That is larger than can be sent here.", "Send less.")
	}
	if err == nil {
		err = v.foldFiles()
	}
	if err != nil {
		return billing.Refuse(billing.Invalid, "bad_form", "The form could not be read.", "Go back and send it again.")
	}
	return nil
}

// foldFiles puts what the form's files say beside what was typed, so that the same form with another file is another
// form.
func (v *Visit) foldFiles() error {
	if v.R.MultipartForm == nil {
		return nil
	}
	for name := range v.R.MultipartForm.File {
		content, err := v.File(name)
		if err != nil {
			return err
		}
		v.R.PostForm.Add("file:"+name, fmt.Sprintf("%x", sha256.Sum256(content)))
	}
	return nil
}

// File is what a field sent; nothing if no file was chosen.
func (v *Visit) File(field string) ([]byte, error) {
	file, _, err := v.R.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// once carries the act out in one transaction together with the mark that this very form was sent: a form that is
// sent twice acts once, and answers the same both times.
func (v *Visit) once(do func(*Visit) (Done, error)) (done Done, err error) {
	key := v.Text("once")
	if key == "" || len(key) > 64 {
		return done, billing.Refuse(billing.Invalid, "bad_form", "The form is not complete.", "Open the page again and send it from there.")
	}
	ctx := v.R.Context()
	answer, err := v.App.OnceForm(ctx, v.Who, "form:"+key, fingerprint(v.R.URL.Path, v.R.PostForm), func(ctx context.Context) (app.FormAnswer, error) {
		within := *v
		within.R = v.R.WithContext(ctx)
		var err error
		done, err = do(&within)
		to := done.To
		if done.Page != nil { // what is shown once is shown once
			to = v.Text("back")
		}
		return app.FormAnswer{Body: []byte(Local(to) + "\n" + done.Says)}, err
	})
	if err == nil && answer.Replayed {
		to, says, _ := strings.Cut(string(answer.Body), "\n")
		done = Done{To: to, Says: says}
		if says == "" {
			done.Says = v.Tongue.T("page.again")
		}
	}
	return done, err
}

// fingerprint tells the same form sent again from another one.
func fingerprint(path string, form url.Values) []byte {
	var names []string
	for name := range form {
		names = append(names, name)
	}
	sort.Strings(names)
	h := sha256.New()
	h.Write([]byte(path))
	for _, name := range names {
		for _, value := range form[name] {
			h.Write([]byte("\x00" + url.QueryEscape(name) + "=" + url.QueryEscape(value)))
		}
	}
	return h.Sum(nil)
}

// Local is a path of this server: anything else becomes the front door, so that no form leads elsewhere.
func Local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}
