// Package migrations embeds the numbered SQL files: a table, its policies, its grants and its indexes in one file.
package migrations

import "embed"

// FS holds every migration.
//
//go:embed *.sql
var FS embed.FS
