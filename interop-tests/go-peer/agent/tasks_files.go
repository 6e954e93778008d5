package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/taskbook"
)

// Material is what goes with a task, or comes of it: bytes, or the file at a path.
type Material struct {
	Inline []byte
	Path   string
}

// taskDir is where copies of files lie that go with tasks.
func taskDir(home string) string { return filepath.Join(home, "tasks") }

// content makes of material what travels; a file, which is copied, is to be delivered before.
func (t *desk) content(m *Material, name service.FileName) (*task.Content, *task.Attachment, error) {
	switch {
	case m == nil:
		return nil, nil, nil
	case m.Path == "" && len(m.Inline) <= task.MaxInline:
		return &task.Content{Inline: append([]byte{}, m.Inline...)}, nil, nil
	}
	sent := &task.Attachment{Name: string(name)}
	var err error
	if sent.ID, err = service.NewMessageID(); err != nil {
		return nil, nil, err
	}
	if m.Path != "" {
		from, err := lookAt(m.Path)
		if err != nil {
			return nil, nil, err
		}
		sent.Name = string(service.FileNameOf(from.path))
	}
	if err := t.copyFile(m, sent); err != nil {
		return nil, nil, err
	}
	return &task.Content{File: sent}, sent, nil
}

// copyFile copies material beside the tasks: what its owner does with the file afterwards changes nothing.
func (t *desk) copyFile(m *Material, sent *task.Attachment) (err error) {
	path := t.path(sent)
	to, err := os.OpenFile(path+".new", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	hasher := service.NewHasher()
	into := io.MultiWriter(to, hasher)
	if m.Path == "" {
		_, err = into.Write(m.Inline)
		sent.Size = uint64(len(m.Inline))
	} else {
		var from *os.File
		if from, err = os.Open(m.Path); err == nil {
			var copied int64
			copied, err = io.Copy(into, from)
			sent.Size = uint64(copied)
			err = errors.Join(err, from.Close())
		}
	}
	if err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the file is not copied: %w", err), os.Remove(path+".new"))
	}
	sent.Digest = hasher.Digest()
	return syncDir(t.dir)
}

func (t *desk) path(of *task.Attachment) string {
	return filepath.Join(t.dir, taskbook.FileName(of.ID))
}

// sendTaskFile begins to look after the file of a task, unless somebody does.
func (a *Agent) sendTaskFile(key taskbook.Key) {
	t := a.desk
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.files[key] && a.spawn(func(ctx context.Context) { a.lookAfterFile(ctx, key) }) {
		t.files[key] = true
	}
}

// lookAfterFile delivers the file of a task, and deletes the copy once the task is settled.
func (a *Agent) lookAfterFile(ctx context.Context, key taskbook.Key) {
	defer func() {
		a.desk.mu.Lock()
		defer a.desk.mu.Unlock()
		delete(a.desk.files, key)
	}()
	wait := new(pause)
	for {
		changed := a.desk.book.Changed()
		t := a.desk.book.Get(key)
		if t == nil || t.Sending == nil {
			return
		}
		if t.IsSettled() {
			if err := os.Remove(a.desk.path(t.Sending)); err != nil {
				slog.Warn("the copy of a file is still there", "error", err)
			}
			return
		}
		var pause <-chan time.Time
		if isHeld(t) {
			if err := a.deliverFile(ctx, t); err == nil {
				continue
			}
			wait.again()
			pause = time.After(time.Until(wait.until))
			changed = nil
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-pause:
		case <-a.arrivals.next(t.Peer):
		}
	}
}

func isHeld(t *taskbook.Task) bool {
	return t.Order != nil && t.Order.Held || t.Work != nil && t.Work.Held
}

// deliverFile makes an attempt, and says to the task what came of it. The error says that there has to be another.
func (a *Agent) deliverFile(ctx context.Context, t *taskbook.Task) error {
	from, err := lookAt(a.desk.path(t.Sending))
	lost := err != nil
	if !lost {
		offer := &service.Offer{ID: t.Sending.ID, Name: t.Sending.Name, Size: t.Sending.Size, SentAt: unixMilli()}
		err = a.bringFile(ctx, t.Peer, offer, from, new(SentFile))
		var rejected *RejectedError
		var permanent permanentError
		lost = errors.As(err, &rejected) && !isAgain(rejected.Answer) || errors.As(err, &permanent)
	}
	if err != nil && !lost {
		return err
	}
	return a.change(func(tx *taskbook.Tx) error {
		current := tx.Get(t.Key)
		switch {
		case current == nil || !isHeld(current):
			return nil
		case current.Work != nil && lost:
			return a.stepWork(tx, current, task.Fileless{})
		case current.Work != nil:
			return a.stepWork(tx, current, task.Delivered{})
		case lost:
			return a.stepOrder(tx, current, task.Fileless{})
		}
		return a.stepOrder(tx, current, task.Delivered{})
	})
}

// dropCopy deletes a copy that no task has come to own.
func (a *Agent) dropCopy(key taskbook.Key, sending *task.Attachment) {
	if sending == nil {
		return
	}
	if t := a.desk.book.Get(key); t == nil || t.Sending == nil || t.Sending.ID != sending.ID {
		_ = os.Remove(a.desk.path(sending))
	}
}
