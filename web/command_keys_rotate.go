package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// KeysRotateCmd changes keys while the servers run.
type KeysRotateCmd struct {
	Master  RotateMasterCmd  `cmd:"" help:"Wrap every clinic's keys with a new master key."`
	Clinic  RotateClinicCmd  `cmd:"" help:"Give a clinic a new data key; what the old one sealed is sealed anew by the jobs."`
	Patient RotatePatientCmd `cmd:"" help:"Give one patient a new key, and seal anew what is theirs."`
}

// RotateMasterCmd changes the master key. In the data folder it makes the new one itself; running servers take it up. One that is given in the
// environment is changed by giving the new one as ANTEROOM_MASTER_KEY and the one before as ANTEROOM_MASTER_KEY_OLD to every server, and then to this.
type RotateMasterCmd struct {
	Retire bool `help:"Afterwards forget the older keys of the data folder: the last step, when every server has the new one."`
}

// Run wraps, clinic after clinic, and says what is left to do.
func (r RotateMasterCmd) Run(ctx context.Context) error {
	return operate(ctx, func(h *house) error {
		path, err := h.masterFile()
		if err != nil {
			return err
		}
		if path == "" && len(h.olderMasters) == 0 {
			return errors.New("give the new key as ANTEROOM_MASTER_KEY and the one before as ANTEROOM_MASTER_KEY_OLD, to every server first and then to this command")
		}
		if path != "" && !r.Retire {
			if err := addToFile(path); err != nil {
				return err
			}
		}
		n, clinics, err := h.rewrapAll(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("Keys wrapped anew: %d, of %d clinics.\n", n, clinics)
		switch {
		case path == "":
			fmt.Println("ANTEROOM_MASTER_KEY_OLD can be taken away now.")
		case r.Retire:
			return retireInFile(path)
		default:
			fmt.Println("The older key is kept until `anteroom keys rotate master --retire`.")
		}
		return nil
	})
}

// masterFile is the file that holds the master key, empty when the environment does.
func (h *house) masterFile() (string, error) {
	if path, ok := strings.CutPrefix(h.MasterKey, "file://"); ok {
		return path, nil
	}
	if h.MasterKey != "" {
		return "", nil
	}
	path := filepath.Join(h.DataDir, "master.key")
	_, err := os.Stat(path)
	return path, err
}

func addToFile(path string) error {
	key, err := readSecret("the master key", path)
	if err != nil {
		return err
	}
	if key, err = privacy.AddMasterKey(key); err != nil {
		return err
	}
	return replaceSecret(path, key)
}

func retireInFile(path string) error {
	key, err := readSecret("the master key", path)
	if err != nil {
		return err
	}
	key, n, err := privacy.RetireMasterKeys(key)
	if err != nil {
		return err
	}
	if err := replaceSecret(path, key); err != nil {
		return err
	}
	fmt.Printf("Older master keys retired: %d.\n", n)
	return nil
}

// replaceSecret is whole or not at all: a half-written master key would be the end of everything.
func replaceSecret(path string, key []byte) error {
	next := path + ".next"
	if err := writeSecret(next, key); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func (h *house) rewrapAll(ctx context.Context) (keys, clinics int, err error) {
	ids, err := h.db.AllClinics(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, id := range ids {
		var n int
		err := h.db.WithClinic(ctx, operator(id), func(tx *tenancy.Tx) (err error) { n, err = h.vault.Rewrap(ctx, tx); return err })
		if err != nil {
			return keys, len(ids), err
		}
		keys += n
	}
	return keys, len(ids), nil
}

// RotateClinicCmd changes one clinic's data key.
type RotateClinicCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
}

// Run starts it; the jobs of a running server take it to its end.
func (r RotateClinicCmd) Run(ctx context.Context) error {
	return operate(ctx, func(h *house) error {
		id, err := h.clinicBySlug(ctx, r.Clinic)
		if err != nil {
			return err
		}
		var rotation privacy.Rotation
		err = h.db.WithClinic(ctx, operator(id), func(tx *tenancy.Tx) (err error) { rotation, err = h.vault.StartRotation(ctx, tx); return err })
		if err == nil {
			fmt.Printf("Rotation %s has begun. A running server finishes it: the new key seals in two minutes, and what the old one sealed is sealed anew from two minutes after that.\n", rotation.ID)
		}
		return err
	})
}

// RotatePatientCmd changes one patient's key.
type RotatePatientCmd struct {
	Clinic  string    `required:"" help:"The clinic's slug or id."`
	Patient uuid.UUID `arg:"" help:"The patient's id."`
}

// Run does all of it at once.
func (r RotatePatientCmd) Run(ctx context.Context) error {
	return operate(ctx, func(h *house) error {
		id, err := h.clinicBySlug(ctx, r.Clinic)
		if err != nil {
			return err
		}
		n := 0
		err = h.db.WithClinic(ctx, operator(id), func(tx *tenancy.Tx) (err error) { n, err = h.vault.RotatePatient(ctx, tx, r.Patient); return err })
		if err == nil {
			fmt.Printf("Values sealed anew: %d.\n", n)
		}
		return err
	})
}
