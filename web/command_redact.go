package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"anteroom/domain/privacy"
)

// RedactCmd finds what gives a person away in texts from standard input. It opens no database and no network.
type RedactCmd struct {
	Rules bool `help:"Print the version of the rules and nothing else."`
}

// Run reads {"id","text"} lines and writes {"id","spans":[{"start","end","type"}]} lines, offsets in bytes of UTF-8, as they come.
// A line that cannot be read is told on the terminal; the others are answered, and the exit code is 1.
func (c RedactCmd) Run(ctx context.Context) error {
	if c.Rules {
		fmt.Println(privacy.RuleSet)
		return nil
	}
	return redactLines(ctx, os.Stdin, os.Stdout, os.Stderr)
}

type redactLine struct {
	ID   json.RawMessage `json:"id"`
	Text *string         `json:"text"`
}

type redactSpan struct {
	Start int          `json:"start"`
	End   int          `json:"end"`
	Type  privacy.Kind `json:"type"`
}

type redactAnswer struct {
	ID    json.RawMessage `json:"id"`
	Spans []redactSpan    `json:"spans"`
}

func redactLines(ctx context.Context, in io.Reader, out, told io.Writer) error {
	r := bufio.NewReaderSize(in, 1<<16)
	w := bufio.NewWriter(out)
	bad := 0
	for n := 1; ctx.Err() == nil; n++ {
		text, readErr := r.ReadBytes('\n')
		if len(text) > 0 {
			if why := redactOne(text, w); why != nil {
				bad++
				fmt.Fprintf(told, "line %d: %v\n", n, why) //nolint:errcheck // nobody is left to tell
			}
		}
		if readErr != nil || r.Buffered() == 0 { // whoever waits for an answer gets it before the next question
			if err := w.Flush(); err != nil {
				return err
			}
		}
		if errors.Is(readErr, io.EOF) {
			break
		}
		if readErr != nil {
			return readErr
		}
	}
	if err := errors.Join(ctx.Err(), w.Flush()); err != nil {
		return err
	}
	if bad > 0 {
		return exit{1}
	}
	return nil
}

func redactOne(text []byte, w *bufio.Writer) error {
	var l redactLine
	switch err := json.Unmarshal(text, &l); {
	case len(text) == 1 && text[0] == '\n':
		return nil
	case err != nil:
		return errors.New("not JSON of the form {\"id\",\"text\"}") // the decoder's words quote the text
	case l.Text == nil || l.ID == nil:
		return errors.New("no id or no text")
	}
	a := redactAnswer{ID: l.ID, Spans: []redactSpan{}}
	for _, s := range privacy.Redact(privacy.RedactInput{Text: *l.Text}) {
		a.Spans = append(a.Spans, redactSpan{s.Start, s.End, s.Kind})
	}
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
