package taskbook

import "time"

// clock is steady time, in milliseconds: it goes on while the agent does not run, as the clock on the wall says, and is not
// moved by that while the agent runs.
type clock struct {
	base  uint64
	start time.Time
}

// stamp is what of it is on the disk.
type stamp struct {
	Steady uint64 `json:"steady"`
	Wall   uint64 `json:"wall"`
}

// resume goes on from the last stamp.
func resume(last stamp, now time.Time) clock {
	wall := uint64(max(0, now.UnixMilli()))
	return clock{base: last.Steady + (wall - min(wall, last.Wall)), start: now}
}

func (c clock) now() uint64 { return c.base + uint64(max(0, time.Since(c.start).Milliseconds())) }

func (c clock) stamp() stamp {
	return stamp{Steady: c.now(), Wall: uint64(max(0, time.Now().UnixMilli()))}
}
