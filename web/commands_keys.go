package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
)

// KeysCmd issues, shows and revokes what programs sign in with, and changes the keys that seal.
type KeysCmd struct {
	Issue      KeysIssueCmd      `cmd:"" help:"Issue an API key; it is shown once."`
	Vapi       KeysVapiCmd       `cmd:"" help:"Issue a Vapi webhook secret; it is shown once."`
	List       KeysListCmd       `cmd:"" help:"The API keys and webhook secrets of a clinic, revoked ones too."`
	Revoke     KeysRevokeCmd     `cmd:"" help:"Revoke an API key."`
	RevokeVapi KeysRevokeVapiCmd `cmd:"" help:"Revoke a Vapi webhook secret."`
	Rotate     KeysRotateCmd     `cmd:"" help:"Change the keys that seal, while the servers run."`
}

// KeysIssueCmd issues an API key.
type KeysIssueCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
	Name   string `required:"" help:"What uses it."`
}

// Run prints the key.
func (k KeysIssueCmd) Run(ctx context.Context) error {
	return inOne(ctx, k.Clinic, func(tx *tenancy.Tx) error {
		key, err := identity.IssueKey(ctx, tx, identity.NewKey{Name: k.Name})
		if err == nil {
			fmt.Println(key.ID, key.Token)
		}
		return err
	})
}

// KeysVapiCmd issues a secret for X-Vapi-Secret.
type KeysVapiCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
}

// Run prints the secret's id and the secret.
func (k KeysVapiCmd) Run(ctx context.Context) error {
	return inOne(ctx, k.Clinic, func(tx *tenancy.Tx) error {
		issued, err := calls.IssueSecret(ctx, tx, "")
		if err == nil {
			fmt.Println(issued.ID, issued.Secret)
		}
		return err
	})
}

// KeysListCmd shows what a clinic has issued.
type KeysListCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
}

// Run prints a table: never a key itself, which only its holder knows.
func (k KeysListCmd) Run(ctx context.Context) error {
	return inOne(ctx, k.Clinic, func(tx *tenancy.Tx) error {
		keys, err := identity.ListKeys(ctx, tx)
		if err != nil {
			return err
		}
		secrets, err := calls.ListSecrets(ctx, tx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, key := range keys {
			fmt.Fprintf(w, "%s\tAPI key\t%s …%s\t%s\t%s\n", key.ID, key.Name, key.Hint, since("issued", &key.CreatedAt), since("revoked", key.RevokedAt))
		}
		for _, s := range secrets {
			fmt.Fprintf(w, "%s\twebhook secret\t\t%s\t%s\n", s.ID, since("issued", &s.CreatedAt), since("revoked", s.RevokedAt))
		}
		return w.Flush()
	})
}

// KeysRevokeCmd ends a key.
type KeysRevokeCmd struct {
	Clinic string    `required:"" help:"The clinic's slug or id."`
	ID     uuid.UUID `arg:"" help:"The key's id, printed when it was issued."`
}

// Run revokes it; running servers forget it within seconds.
func (k KeysRevokeCmd) Run(ctx context.Context) error {
	return inOne(ctx, k.Clinic, func(tx *tenancy.Tx) error { return identity.RevokeKey(ctx, tx, k.ID) })
}

// KeysRevokeVapiCmd ends a webhook secret.
type KeysRevokeVapiCmd struct {
	Clinic string    `required:"" help:"The clinic's slug or id."`
	ID     uuid.UUID `arg:"" help:"The secret's id, printed when it was issued and by keys list."`
}

// Run revokes it; running servers forget it within seconds.
func (k KeysRevokeVapiCmd) Run(ctx context.Context) error {
	return inOne(ctx, k.Clinic, func(tx *tenancy.Tx) error { return calls.RevokeSecret(ctx, tx, k.ID) })
}
