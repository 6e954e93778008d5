package inbox

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/airway-net/airway/interop-tests/go-peer/journal"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// What a file is called until it is complete: no name of a peer begins with a dot.
	partialName = ".partial"
	// Where files lie, in the home.
	filesName = "files"
	// Permissions of what is received.
	private, privateDir = 0o600, 0o700
	// Bytes that are read at once from what there is of a file.
	readBuffer = 256 << 10
)

// Why a file could not go on.
var (
	errTooMuch  = errors.New("more than was offered")
	errReplaced = errors.New("another attempt brings the same file")
)

// partial is what there is of a file that is coming in, positioned at its end.
type partial struct {
	directory string
	name      service.FileName
	size      uint64
	file      *os.File
	hasher    service.Hasher
	length    uint64
}

// openPartial opens what there is of a file, creating it if that is nothing, and reads it through unless the context ends.
func openPartial(ctx context.Context, directory string, name service.FileName, size uint64) (*partial, error) {
	if err := os.MkdirAll(directory, privateDir); err != nil {
		return nil, err
	}
	path := filepath.Join(directory, partialName)
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		switch entry.Name() {
		case partialName:
		case string(name):
			// Complete, but nobody heard of it.
			err = os.Rename(filepath.Join(directory, entry.Name()), path)
		default:
			// Of an offer with the same id that was never completed.
			err = os.Remove(filepath.Join(directory, entry.Name()))
		}
		if err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, private)
	if err != nil {
		return nil, err
	}
	p := &partial{directory: directory, name: name, size: size, file: file, hasher: service.NewHasher()}
	if err := p.readThrough(ctx); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return p, nil
}

// readThrough computes the digest of what there is.
func (p *partial) readThrough(ctx context.Context) error {
	found, err := p.file.Stat()
	if err != nil {
		return err
	}
	if uint64(found.Size()) > p.size {
		return p.startOver()
	}
	p.length = uint64(found.Size())
	buffer := make([]byte, min(readBuffer, max(p.length, 1)))
	for left := p.length; left > 0; {
		if ctx.Err() != nil {
			return errReplaced
		}
		read, err := io.ReadFull(p.file, buffer[:min(left, readBuffer)])
		if err != nil {
			return err
		}
		p.hasher.Write(buffer[:read])
		left -= uint64(read)
	}
	return nil
}

// have is how much there is.
func (p *partial) have() service.Have {
	return service.Have{Offset: p.length, Digest: p.hasher.Digest()}
}

// startOver gives up what there is.
func (p *partial) startOver() error {
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	p.length, p.hasher = 0, service.NewHasher()
	_, err := p.file.Seek(0, io.SeekStart)
	return err
}

// append adds bytes.
func (p *partial) append(bytes []byte) error {
	if uint64(len(bytes)) > p.size-p.length {
		return errTooMuch
	}
	wrote, err := p.file.Write(bytes)
	p.hasher.Write(bytes[:wrote])
	p.length += uint64(wrote)
	return err
}

// complete brings the file to the disk under its own name, or says that it is not the one with this digest.
func (p *partial) complete(digest service.Digest) (bool, error) {
	if p.length != p.size || p.hasher.Digest() != digest {
		return false, nil
	}
	if err := p.file.Sync(); err != nil {
		return false, err
	}
	if err := os.Rename(filepath.Join(p.directory, partialName), filepath.Join(p.directory, string(p.name))); err != nil {
		return false, err
	}
	// The directory of the file and the three above it: all but the home may be new.
	for directory, up := p.directory, 0; up < 4; directory, up = filepath.Dir(directory), up+1 {
		if err := journal.SyncDirectory(directory); err != nil {
			return false, err
		}
	}
	return true, nil
}
