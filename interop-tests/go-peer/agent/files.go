package agent

import (
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/inbox"
)

const (
	// filesPerPeer is the files of one peer that come in at once, and filesInAll those of all, with 1 MiB of buffers each. A
	// further one hears "busy".
	filesPerPeer, filesInAll = 4, 64
	// fileIdle is how long a peer may neither send nor take a byte.
	fileIdle = time.Minute
	// diskTime is how long a peer may take to look at what it has of a file, and to bring the last of it to its disk.
	diskTime = 10 * time.Minute
	// fileReplyTime is how long a reply may take to go out.
	fileReplyTime = 30 * time.Second
)

// Files returns the files in the inbox.
func (a *Agent) Files() []inbox.Item { return a.services.inbox.Files() }
