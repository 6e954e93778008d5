package agent

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/libp2p/go-libp2p/core/crypto"
	pb "github.com/libp2p/go-libp2p/core/crypto/pb"
	"golang.org/x/sys/unix"
)

// What lies in a home besides what other parts of the agent keep there.
const (
	keyFile  = "agent.key"
	lockFile = "agent.lock"
)

// maxKeyFile bounds what is read of a key file; ours has 68 bytes.
const maxKeyFile = 4096

// ErrInUse says that another process runs the agent of a home.
var ErrInUse = errors.New("another process runs this agent")

// errHomeClosed says that the agent has ended.
var errHomeClosed = errors.New("the agent has ended")

// home is where an agent keeps what it has to remember: a directory, or, without one, memory.
type home struct {
	dir  string
	lock *os.File

	// mu lets one file be written at a time, and none once the home is closed: another process may have it then.
	mu     sync.Mutex
	closed bool
	memory map[string][]byte
}

// openHome takes a directory for this process alone; empty stands for memory.
func openHome(dir string) (*home, error) {
	h := &home{dir: dir, memory: make(map[string][]byte)}
	if dir == "" {
		return h, nil
	}
	if err := makeDir(filepath.Clean(dir)); err != nil {
		return nil, fmt.Errorf("making the home: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the home: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	h.lock = lock
	return h, nil
}

// close waits for what is being written, and lets other processes have the home.
func (h *home) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.lock == nil {
		h.closed = true
		return nil
	}
	h.closed = true
	// A process that we are just starting may have the file open, too, until it is another program.
	return errors.Join(unix.Flock(int(h.lock.Fd()), unix.LOCK_UN), h.lock.Close())
}

// path is where a file of the home lies; empty if the home is memory.
func (h *home) path(name string) string {
	if h.dir == "" {
		return ""
	}
	return filepath.Join(h.dir, name)
}

// read returns what a file holds; nil if there is none.
func (h *home) read(name string) ([]byte, error) {
	if h.dir == "" {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.memory[name], nil
	}
	data, err := os.ReadFile(h.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// write puts a file in the place of what was there, whole or not at all; when it returns, it is on the disk.
func (h *home) write(name string, data []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return errHomeClosed
	case h.dir == "":
		h.memory[name] = append([]byte(nil), data...)
		return nil
	}
	path := h.path(name)
	if err := writeSynced(path+".new", data); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// remove deletes a file, if it is there.
func (h *home) remove(name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return errHomeClosed
	case h.dir == "":
		delete(h.memory, name)
		return nil
	}
	if err := os.Remove(h.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(h.dir)
}

func writeSynced(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// makeDir makes a directory and those above it, for its owner alone; when it returns, they are on the disk.
func makeDir(path string) error {
	if err := os.Mkdir(path, 0o700); err == nil {
		return syncDir(filepath.Dir(path))
	} else if !errors.Is(err, fs.ErrNotExist) {
		if info, failed := os.Stat(path); failed == nil && info.IsDir() {
			return nil
		}
		return err
	}
	if err := makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	return makeDir(path)
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// key reads the key of the agent, or makes one. The file holds it as libp2p encodes private keys, as the identity.key of
// an agent in Rust does.
func (h *home) key() (crypto.PrivKey, error) {
	path := h.path(keyFile)
	if path != "" {
		info, err := os.Stat(path)
		switch {
		case err == nil && info.Mode().Perm()&0o077 != 0:
			return nil, fmt.Errorf("%s is open to other users (mode %o): run chmod 600 %s", path, info.Mode().Perm(), path)
		case err == nil && (!info.Mode().IsRegular() || info.Size() > maxKeyFile):
			return nil, fmt.Errorf("%s is no key file: restore it from a backup, or move it away to begin as a new agent", path)
		}
	}
	data, err := h.read(keyFile)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	if data == nil {
		return h.newKey()
	}
	key, err := crypto.UnmarshalPrivateKey(data)
	if err != nil {
		return nil, fmt.Errorf("%s is not a valid private key: restore it from a backup, or move it away to begin as a new agent: %w", path, err)
	}
	if key.Type() != pb.KeyType_Ed25519 {
		return nil, fmt.Errorf("%s holds a key of type %s, an agent needs Ed25519", path, key.Type())
	}
	return key, nil
}

func (h *home) newKey() (crypto.PrivKey, error) {
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, err
	}
	data, err := crypto.MarshalPrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := h.write(keyFile, data); err != nil {
		return nil, fmt.Errorf("storing the key: %w", err)
	}
	return key, nil
}
