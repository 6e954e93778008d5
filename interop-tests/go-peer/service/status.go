package service

import (
	"errors"
	"fmt"
)

// Status is the first byte of every stream, from the responder: whether it takes the stream.
type Status byte

// What a responder may say. Any other byte is of a later version, and a refusal.
const (
	// StatusOK: go ahead.
	StatusOK Status = 0
	// StatusBusy: too many streams, of this peer or in all; try again later.
	StatusBusy Status = 1
	// StatusRefused: the responder does not want this stream from this peer.
	StatusRefused Status = 2
	// StatusClosed: nobody listens there any more.
	StatusClosed Status = 3
)

// Why a responder did not take a stream.
var (
	ErrBusy    = errors.New("the peer is busy")
	ErrRefused = errors.New("the peer refused the stream")
	ErrClosed  = errors.New("nobody listens on that port")
	ErrStatus  = errors.New("the peer answered with an unknown status")
)

// Err is nil for StatusOK, and otherwise why the stream was not taken.
func (s Status) Err() error {
	switch s {
	case StatusOK:
		return nil
	case StatusBusy:
		return ErrBusy
	case StatusRefused:
		return ErrRefused
	case StatusClosed:
		return ErrClosed
	default:
		return fmt.Errorf("%w: %d", ErrStatus, byte(s))
	}
}
