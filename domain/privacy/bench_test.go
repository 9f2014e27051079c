package privacy

import (
	"testing"

	"anteroom/domain/tenancy"
)

func BenchmarkPatientSeal(b *testing.B) {
	k := pureKeys(b, tenancy.NewID())
	id := tenancy.NewID()
	_, p, err := k.NewPatientKey(id)
	if err != nil {
		b.Fatal(err)
	}
	f := Field{"patients", "name", id}
	for b.Loop() {
		if _, err := p.Seal(f, []byte("Adele Grant")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPatientOpen(b *testing.B) {
	k := pureKeys(b, tenancy.NewID())
	id := tenancy.NewID()
	_, p, err := k.NewPatientKey(id)
	if err != nil {
		b.Fatal(err)
	}
	f := Field{"patients", "name", id}
	sealed, err := p.Seal(f, []byte("Adele Grant"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Open(f, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClinicSeal(b *testing.B) {
	k := pureKeys(b, tenancy.NewID())
	f := Field{"appointments", "caller", tenancy.NewID()}
	for b.Loop() {
		if _, err := k.Seal(f, []byte("Adele Grant")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnwrapPatientKey(b *testing.B) {
	k := pureKeys(b, tenancy.NewID())
	id := tenancy.NewID()
	wrapped, _, err := k.NewPatientKey(id)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := k.Patient(id, wrapped); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToken(b *testing.B) {
	k := pureKeys(b, tenancy.NewID())
	for b.Loop() {
		k.Token("phone", "+447700900418")
	}
}
