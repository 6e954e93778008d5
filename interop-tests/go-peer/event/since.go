package event

import (
	"errors"
	"fmt"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// ErrSince says that a text does not say where to begin.
var ErrSince = errors.New("a beginning is now, start, a time ago such as 10m, or a position such as 17.1042")

// SinceKind says which of its fields a [Since] has.
type SinceKind uint8

// Where a subscription may begin.
const (
	// SinceNow is with what comes.
	SinceNow SinceKind = iota
	// SinceStart is with the first event that the broker still has.
	SinceStart
	// SinceTime is with the first one of a time.
	SinceTime
	// SinceAfter is with the first one behind a position.
	SinceAfter
)

// Since is where a subscription begins. The zero value is now.
type Since struct {
	Kind SinceKind
	// Time is that of SinceTime.
	Time uint64
	// After is the position of SinceAfter.
	After Position
}

// Now is the beginning with what comes.
func Now() Since { return Since{} }

// Start is the beginning with whatever is there.
func Start() Since { return Since{Kind: SinceStart} }

// At is the beginning with a time.
func At(time uint64) Since { return Since{Kind: SinceTime, Time: time} }

// After is the beginning behind a position.
func After(position Position) Since { return Since{Kind: SinceAfter, After: position} }

// ParseSince reads what people write at a time: now, start, how long ago, or a position. Nothing is now.
func ParseSince(text string, now time.Time) (Since, error) {
	switch text {
	case "", "now":
		return Now(), nil
	case "start":
		return Start(), nil
	}
	if position, err := ParsePosition(text); err == nil {
		return After(position), nil
	}
	ago, err := time.ParseDuration(text)
	if err != nil || ago < 0 || now.Add(-ago).UnixMilli() < 0 {
		return Since{}, fmt.Errorf("%w: %q", ErrSince, text)
	}
	return At(uint64(now.Add(-ago).UnixMilli())), nil
}

// timeFrame is a time as it travels.
type timeFrame struct {
	At uint64 `cbor:"at"`
}

// MarshalCBOR implements cbor.Marshaler.
func (s Since) MarshalCBOR() ([]byte, error) {
	switch s.Kind {
	case SinceNow:
		return choose("now", struct{}{})
	case SinceStart:
		return choose("start", struct{}{})
	case SinceTime:
		return choose("time", timeFrame{s.Time})
	}
	return choose("after", s.After)
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (s *Since) UnmarshalCBOR(item []byte) error {
	var one wire.Choice
	if err := wire.DecodeItem(item, &one); err != nil {
		return err
	}
	switch one.Kind {
	case "now":
		*s = Now()
		return wire.DecodeItem(one.Value, &struct{}{})
	case "start":
		*s = Start()
		return wire.DecodeItem(one.Value, &struct{}{})
	case "time":
		var time timeFrame
		err := wire.DecodeItem(one.Value, &time)
		*s = At(time.At)
		return err
	case "after":
		var position Position
		err := wire.DecodeItem(one.Value, &position)
		*s = After(position)
		return err
	}
	return unknown(one)
}
