package handlers

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"anteroom/views/ui"
)

// findForm is the form of a page that is sent to this path, by itself, by one of its buttons, or while somebody types in it.
func findForm(doc *html.Node, to string) *html.Node {
	sentTo := func(n *html.Node, name string) bool { p, _, _ := strings.Cut(attr(n, name), "?"); return p == to }
	for n := range doc.Descendants() {
		if n.DataAtom == atom.Form && strings.EqualFold(attr(n, "method"), "post") && sentTo(n, "action") {
			return n
		}
	}
	for n := range doc.Descendants() {
		if !sentTo(n, "formaction") && !sentTo(n, "hx-post") {
			continue
		}
		for p := range n.Ancestors() {
			if p.DataAtom == atom.Form && strings.EqualFold(attr(p, "method"), "post") {
				return p
			}
		}
	}
	return nil
}

func findElement(doc *html.Node, name string) *html.Node {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			return n
		}
	}
	return nil
}

// fillForm gives the controls of a form the values that were sent. What has no control there goes along unseen, so that the form sends again
// what it sent before; what a button said is left to the button.
func fillForm(doc, form *html.Node, fields url.Values) {
	left := url.Values{}
	for name, values := range fields {
		left[name] = slices.Clone(values)
	}
	id := attr(form, "id")
	for n := range doc.Descendants() {
		name := attr(n, "name")
		if name == "" || name == ui.CSRFField || !belongsTo(n, form, id) {
			continue
		}
		if n.DataAtom == atom.Button {
			delete(left, name)
		} else {
			fillControl(n, fields[name], left)
		}
	}
	for name, values := range left {
		for _, v := range values {
			form.AppendChild(&html.Node{Type: html.ElementNode, Data: "input", DataAtom: atom.Input,
				Attr: []html.Attribute{{Key: "type", Val: "hidden"}, {Key: "name", Val: name}, {Key: "value", Val: v}}})
		}
	}
}

func belongsTo(n, form *html.Node, id string) bool {
	if owner := attr(n, "form"); owner != "" {
		return owner == id
	}
	for p := range n.Ancestors() {
		if p == form {
			return true
		}
	}
	return false
}

// fillControl takes from left what it could show.
func fillControl(n *html.Node, sent []string, left url.Values) {
	name := attr(n, "name")
	next := func() (v string) {
		if rest := left[name]; len(rest) > 0 {
			v, left[name] = rest[0], rest[1:]
		}
		return v
	}
	took := func(v string) {
		left[name] = slices.DeleteFunc(left[name], func(s string) bool { return s == v })
	}
	switch {
	case n.DataAtom == atom.Textarea:
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
		n.AppendChild(&html.Node{Type: html.TextNode, Data: next()})
	case n.DataAtom == atom.Select:
		for o := range n.Descendants() {
			if o.DataAtom == atom.Option {
				v := attr(o, "value")
				mark(o, "selected", slices.Contains(sent, v), took)
			}
		}
	case n.DataAtom != atom.Input || attr(n, "type") == "password" || attr(n, "type") == "file":
	case attr(n, "type") == "checkbox" || attr(n, "type") == "radio":
		mark(n, "checked", slices.Contains(sent, attr(n, "value")), took)
	case attr(n, "type") == "submit":
		delete(left, name)
	default:
		setAttr(n, "value", next())
	}
}

func mark(n *html.Node, as string, on bool, took func(string)) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == as })
	if on {
		n.Attr = append(n.Attr, html.Attribute{Key: as})
		took(attr(n, "value"))
	}
}

// showForm opens what folds the form away, and answers the id of the dialog that it is in, if any: that one is opened by a link.
func showForm(form *html.Node) (dialog string) {
	for p := range form.Ancestors() {
		switch p.DataAtom {
		case atom.Details:
			setAttr(p, "open", "")
		case atom.Dialog:
			dialog = attr(p, "id")
		}
	}
	return dialog
}

// prepend puts markup of ours at the beginning of an element.
func prepend(to *html.Node, markup []byte) error {
	if to == nil {
		return nil
	}
	nodes, err := html.ParseFragment(bytes.NewReader(markup), to)
	if err != nil {
		return err
	}
	first := to.FirstChild
	for _, n := range nodes {
		to.InsertBefore(n, first)
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func setAttr(n *html.Node, name, value string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}
