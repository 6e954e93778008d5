package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/inbox"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// sendingFile is what the record of files that are being sent is called in the home.
	sendingFile = "sending.json"
	// maxSending is the files that are remembered; the oldest make room.
	maxSending = 1024
	// sendingTime is how long one is remembered: receivers remember ids for 30 days.
	sendingTime = 28 * 24 * time.Hour
)

// sendingEntry is the id under which a file is being sent.
type sendingEntry struct {
	ID    string    `json:"id"`
	Since time.Time `json:"since"`
}

// sendingKey says which file, to whom. A file that was written to is another one.
func sendingKey(p peer.ID, f source) string {
	return fmt.Sprintf("%s %d %d %s", p, f.size, f.modified.UnixNano(), f.path)
}

// beginSending returns the id under which a file is sent: that of the last time, unless it came to an end.
func (a *Agent) beginSending(p peer.ID, f source) (service.MessageID, error) {
	var messageID service.MessageID
	err := a.changeSending(func(all map[string]sendingEntry) (err error) {
		key := sendingKey(p, f)
		if before, ok := all[key]; ok {
			if messageID, err = service.ParseMessageID(before.ID); err == nil {
				return nil
			}
		}
		messageID, err = service.NewMessageID()
		all[key] = sendingEntry{ID: messageID.String(), Since: time.Now()}
		return err
	})
	return messageID, err
}

// endSending forgets the id: the same file may be sent anew.
func (a *Agent) endSending(p peer.ID, f source) error {
	return a.changeSending(func(all map[string]sendingEntry) error {
		delete(all, sendingKey(p, f))
		return nil
	})
}

func (a *Agent) changeSending(change func(map[string]sendingEntry) error) error {
	a.services.sending.Lock()
	defer a.services.sending.Unlock()
	bytes, err := a.home.read(sendingFile)
	if err != nil {
		return err
	}
	all := make(map[string]sendingEntry)
	if bytes != nil {
		if err := json.Unmarshal(bytes, &all); err != nil {
			return fmt.Errorf("%s is damaged: remove it, and files that are being sent begin anew: %w", sendingFile, err)
		}
	}
	before := maps.Clone(all)
	if err := change(all); err != nil {
		return err
	}
	maps.DeleteFunc(all, func(_ string, e sendingEntry) bool { return time.Since(e.Since) > sendingTime })
	if len(all) > maxSending {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(all)), func(x, y string) int {
			return cmp.Compare(all[x].Since.UnixNano(), all[y].Since.UnixNano())
		})
		delete(all, oldest)
	}
	if maps.Equal(before, all) {
		return nil
	}
	if bytes, err = json.Marshal(all); err != nil {
		return err
	}
	return a.home.write(sendingFile, bytes)
}

// digest reads a file through.
func (f source) digest(ctx context.Context) (service.Digest, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return service.Digest{}, err
	}
	defer file.Close()
	hasher, buffer := service.NewHasher(), make([]byte, inbox.Buffer)
	for left := f.size; left > 0; {
		if ctx.Err() != nil {
			return service.Digest{}, ctx.Err()
		}
		buffer = buffer[:min(left, inbox.Buffer)]
		if err := f.read(file, buffer); err != nil {
			return service.Digest{}, err
		}
		hasher.Write(buffer)
		left -= uint64(len(buffer))
	}
	return hasher.Digest(), f.check(file)
}
