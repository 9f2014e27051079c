package views

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Every canned state renders, and keeps what the browser's policy and a reader need.
func TestStates(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, s := range States() {
		if names[s.Name] {
			t.Errorf("two states are called %s", s.Name)
		}
		names[s.Name] = true
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			var page bytes.Buffer
			if err := s.Component.Render(context.Background(), &page); err != nil {
				t.Fatal(err)
			}
			check(t, page.String())
		})
	}
}

// A week of everyone, about 400 appointments, stays light enough to send on every change.
func TestBusyPagesStayLight(t *testing.T) {
	t.Parallel()
	for _, s := range States() {
		if s.Group != "Schedule" {
			continue
		}
		var page bytes.Buffer
		if err := s.Component.Render(context.Background(), &page); err != nil {
			t.Fatal(err)
		}
		if page.Len() > 400<<10 {
			t.Errorf("%s is %d kB", s.Name, page.Len()>>10)
		}
		t.Logf("%s: %d kB, %d appointments", s.Name, page.Len()>>10, strings.Count(page.String(), `id="a-`))
	}
}

// check reads a page as the browser's policy and a screen reader would.
func check(t *testing.T, page string) {
	t.Helper()
	ids, refs := map[string]bool{}, []string{}
	forms := []bool{} // open forms, and whether each has its token
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); err != io.EOF {
				t.Fatal(err)
			}
			for _, r := range refs {
				if !ids[r] {
					t.Errorf("nothing has the id %q that something points to", r)
				}
			}
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			attr := map[string]string{}
			for _, a := range token.Attr {
				attr[a.Key] = a.Val
			}
			for key, value := range attr {
				switch {
				case key == "style":
					t.Errorf("style attribute on <%s>", token.Data)
				case strings.HasPrefix(key, "on") || strings.HasPrefix(key, "hx-on"):
					t.Errorf("inline handler %s on <%s>", key, token.Data)
				case strings.HasPrefix(value, "javascript:") || strings.Contains(value, "about:invalid"):
					t.Errorf("%s=%q on <%s>", key, value, token.Data)
				case key == "id":
					if ids[value] {
						t.Errorf("two elements have the id %q", value)
					}
					ids[value] = true
				case key == "aria-describedby" || key == "aria-labelledby" || key == "for" || key == "popovertarget":
					refs = append(refs, strings.Fields(value)...)
				}
			}
			switch token.Data {
			case "script":
				if attr["src"] == "" {
					t.Error("a script without a source")
				}
			case "style":
				t.Error("a style element")
			case "form":
				forms = append(forms, attr["method"] != "post")
			case "input":
				if attr["name"] == "_csrf" && len(forms) > 0 && attr["value"] != "" {
					forms[len(forms)-1] = true
				}
			}
		case html.EndTagToken:
			if z.Token().Data == "form" && len(forms) > 0 {
				if !forms[len(forms)-1] {
					t.Error("a form that posts without its token")
				}
				forms = forms[:len(forms)-1]
			}
		}
	}
}
