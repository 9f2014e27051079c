package calls

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// PushChange is one thing that a push changes.
type PushChange struct {
	Path   string // model.tools[find_slots].function.description
	Before string // empty when it was not there
	After  string // empty when it will be gone
}

// differences lists what changes from one assistant to the other, in the order of the paths. Values that may be secrets are not told.
func differences(before, after map[string]any) []PushChange {
	var list []PushChange
	compare(&list, "", before, after)
	return list
}

func compare(list *[]PushChange, path string, before, after any) {
	if reflect.DeepEqual(before, after) {
		return
	}
	b, bothMaps := before.(map[string]any)
	a, also := after.(map[string]any)
	if !bothMaps || !also {
		b, bothMaps = byName(before)
		a, also = byName(after)
	}
	if !bothMaps || !also {
		*list = append(*list, PushChange{Path: path, Before: forPeople(path, before), After: forPeople(path, after)})
		return
	}
	names := slices.Sorted(maps.Keys(b))
	for _, n := range slices.Sorted(maps.Keys(a)) {
		if _, both := b[n]; !both {
			names = append(names, n)
		}
	}
	for _, n := range names {
		inner := n
		if path != "" && n[0] != '[' {
			inner = "." + n
		}
		compare(list, path+inner, b[n], a[n])
	}
}

// byName makes a list of tools comparable: by the tools' names or kinds, not by their places. A list of anything else is compared whole.
func byName(v any) (map[string]any, bool) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, false
	}
	out := map[string]any{}
	for i, e := range list {
		t, _ := e.(map[string]any)
		name := toolName(e)
		if name == "" {
			name, _ = t["type"].(string)
		}
		if name == "" {
			return nil, false
		}
		if out["["+name+"]"] != nil {
			name = fmt.Sprintf("%s %d", name, i+1)
		}
		out["["+name+"]"] = e
	}
	return out, true
}

func toolName(v any) string {
	t, _ := v.(map[string]any)
	f, _ := t["function"].(map[string]any)
	name, _ := f["name"].(string)
	return name
}

// forPeople is a value for people: a whole tool by what it says of itself.
func forPeople(path string, v any) string {
	if v == nil {
		return ""
	}
	if secretName(path) || strings.Contains(path, "headers.") {
		return notTold
	}
	if name := toolName(v); name != "" {
		f, _ := v.(map[string]any)["function"].(map[string]any)
		return fmt.Sprint(f["description"])
	}
	if s, ok := v.(string); ok {
		return cut(s, 2000)
	}
	b, err := json.Marshal(withoutSecrets(v))
	if err != nil {
		return "?"
	}
	return cut(string(b), 2000)
}

const notTold = "•••"

// withoutSecrets is a value that can be shown whole: a server, say, comes with its secret and its headers, and those let somebody in.
func withoutSecrets(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			out[name] = withoutSecrets(inner)
			if secretName(name) || name == "headers" {
				out[name] = notTold
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = withoutSecrets(inner)
		}
		return out
	}
	return v
}

// generic is v as JSON reads it, so that it can be compared with what came over the wire.
func generic(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return decode(b)
}
