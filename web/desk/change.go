package desk

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"minutebook/billing"
)

// Command is the name of an act in words: "plan.create" is "Plan: create".
func Command(name string) string {
	noun, verb, _ := strings.Cut(name, ".")
	return strings.ReplaceAll(Sentence(noun), "_", " ") + ": " + strings.ReplaceAll(verb, "_", " ")
}

// Difference tells what changed between two states that the books keep as JSON: before and after, in words.
func Difference(before, after string) (was, is string) {
	old, new := fields(before), fields(after)
	names := slices.Sorted(maps.Keys(merged(old, new)))
	var past, present []string
	for _, name := range names {
		if bytes.Equal(old[name], new[name]) || strings.HasSuffix(name, "_id") {
			continue
		}
		if text := fieldWords(name, old[name]); text != "" {
			past = append(past, text)
		}
		if text := fieldWords(name, new[name]); text != "" {
			present = append(present, text)
		}
	}
	return strings.Join(past, ", "), strings.Join(present, ", ")
}

func fields(text string) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &m) != nil {
		return nil
	}
	return m
}

func merged(a, b map[string]json.RawMessage) map[string]json.RawMessage {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	maps.Copy(all, b)
	return all
}

const longestValue = 120

// fieldWords is one field of a state in words; nothing for one that is empty.
func fieldWords(name string, value json.RawMessage) string {
	text := string(value)
	var plain string
	if json.Unmarshal(value, &plain) == nil {
		text = plain
	}
	if text == "" || text == "null" || text == "[]" || text == "false" || strings.HasPrefix(text, "{") {
		return "" // off, absent, or a thing of its own
	}
	var ms billing.Millis
	if base, isTime := strings.CutSuffix(name, "_ms"); isTime && json.Unmarshal(value, &ms) == nil {
		name, text = base, ms.Minutes()+" min"
	}
	var several []string
	if json.Unmarshal(value, &several) == nil {
		text = strings.Join(several, ", ")
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		text = at.UTC().Format("2 Jan 2006, 15:04 UTC")
	}
	if letters := []rune(text); len(letters) > longestValue {
		text = string(letters[:longestValue]) + "…"
	}
	return strings.ReplaceAll(name, "_", " ") + " " + strings.ReplaceAll(text, "_", " ")
}
