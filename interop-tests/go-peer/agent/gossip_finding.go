package agent

import (
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

const (
	// maxNewsAge is when a broadcast is news no more, in milliseconds.
	maxNewsAge = 2 * 60 * 1000
	// maxNewsAhead is how far its time may lie ahead of ours, in milliseconds.
	maxNewsAhead = 30 * 1000
	// grace is how long an honest member may not know what we know.
	grace = 60 * time.Second
)

// finding is what a member finds about a broadcast before it passes it on:
//
//	passed                                     is kept and passed on
//	forged, expelled, lapsed, misdated         whoever brings it loses score: no honest member does
//	flood                                      this neighbour alone loses score: from others it was in order
//	excess, duplicate, early, late,            nobody is to blame: an honest member may know less, or sooner
//	leaving, ending
type finding uint8

const (
	passed finding = iota
	forged
	expelled
	lapsed
	misdated
	flood
	excess
	duplicate
	early
	late
	leaving
	ending
)

// verdict is what gossipsub is told.
func (f finding) verdict() pubsub.ValidationResult {
	switch f {
	case passed:
		return pubsub.ValidationAccept
	case forged, expelled, lapsed, misdated:
		return pubsub.ValidationReject
	}
	return pubsub.ValidationIgnore
}

// facts are what is known of a broadcast whose signatures fit, in milliseconds since the Unix epoch.
type facts struct {
	// at is by the author's clock.
	at, now uint64
	// stands says whether the author's certificate makes it a member now; expires until when it does.
	stands  error
	expires uint64
	// expelledFor is how long we have known that the author, or who let it in, was expelled.
	expelledFor time.Duration
}

// judge says whether the author may say something now, and has said it now. What no clock and no delay excuses comes first.
func (f facts) judge() finding {
	if f.stands == mesh.Expelled && f.expelledFor > grace {
		return expelled
	}
	// By the author's own clock: all members find the same.
	if end := f.expires + mesh.ClockSkew + uint64(grace.Milliseconds()); f.at >= end && end >= f.expires {
		return lapsed
	}
	age, ahead := uint64(0), uint64(0)
	if f.now > f.at {
		age = f.now - f.at
	} else {
		ahead = f.at - f.now
	}
	if age > maxNewsAge+mesh.ClockSkew || ahead > maxNewsAhead+mesh.ClockSkew {
		return misdated
	}
	switch {
	case f.stands == mesh.Expelled:
		return leaving
	case f.stands != nil:
		return ending
	case age > maxNewsAge:
		return late
	case ahead > maxNewsAhead:
		return early
	}
	return passed
}
