package lang

import (
	"errors"

	"minutebook/billing"
)

// Refusal is a refusal in the reader's words. English is as the rules say it; elsewhere what has no translation of its
// own is told in general words, never in English.
func (t *Tongue) Refusal(err error) error {
	var refused *billing.Error
	if t.code == "en" || !errors.As(err, &refused) {
		return err
	}
	told := *refused
	told.Fields = nil
	for _, field := range refused.Fields {
		told.Fields = append(told.Fields, billing.FieldError{Field: field.Field, Message: t.wrong(field.Message)})
	}
	if refused.Field != "" && refused.Code == "invalid" {
		told.Message, told.Remedy = t.wrong(refused.Message), ""
		return &told
	}
	key := "refusal." + refused.Code
	if _, known := t.texts[key]; !known {
		key = "refusal.other"
	}
	told.Message, told.Remedy = t.T(key), ""
	if todo, there := t.texts[key+".todo"]; there {
		told.Remedy = todo["other"]
	}
	return &told
}

// wrong is what is wrong with a field.
func (t *Tongue) wrong(english string) string {
	if text, known := t.texts["wrong."+english]; known {
		return text["other"]
	}
	return t.texts["wrong.other"]["other"]
}
