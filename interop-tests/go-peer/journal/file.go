package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// File is a journal. One goroutine at a time changes it; reading at an offset may go on beside appending, and not beside
// Replace.
type File struct {
	path string
	file *os.File
	end  int64
	// failed is why nobody knows any more what is on the disk.
	failed error
}

// Open opens a journal, which is made if it is not there, hands on its records, and cuts off what a crash left of one.
func Open(path string, take Taker) (*File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file}
	f.end, err = read(file, take)
	if err == nil {
		err = file.Truncate(f.end)
	}
	if err == nil {
		err = SyncDirectory(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return f, nil
}

// Close closes it.
func (f *File) Close() error { return f.file.Close() }

// End is how long it is.
func (f *File) End() int64 { return f.end }

// ReadAt implements [io.ReaderAt].
func (f *File) ReadAt(bytes []byte, at int64) (int, error) { return f.file.ReadAt(bytes, at) }

// Read hands on the records from the beginning.
func (f *File) Read(take Taker) error {
	_, err := read(io.NewSectionReader(f.file, 0, f.end), take)
	return err
}

// Append brings records to the end of the journal and to the disk. After a failed sync nobody knows what is there: nothing is
// stored any more until the journal is opened again.
func (f *File) Append(records []byte) error {
	if f.failed != nil {
		return f.failed
	}
	if _, err := f.file.WriteAt(records, f.end); err != nil {
		// What was written of it must not stand before what comes next.
		if cut := f.file.Truncate(f.end); cut != nil {
			f.failed = errors.Join(err, cut)
		}
		return err
	}
	if err := f.file.Sync(); err != nil {
		f.failed = fmt.Errorf("the journal could not be synced: %w", err)
		return f.failed
	}
	f.end += int64(len(records))
	return nil
}

// Replace writes a journal beside the one that is there, and puts it into its place: write hands over each of its records. If
// that cannot be done, the journal stays as it is; if it fails at the end, nobody knows what is there.
func (f *File) Replace(write func(put func(fields, payload []byte) error) error) error {
	if f.failed != nil {
		return f.failed
	}
	beside, err := os.OpenFile(f.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	var end int64
	err = write(func(fields, payload []byte) error {
		record, err := Record(nil, fields, payload)
		if err != nil {
			return err
		}
		end += int64(len(record))
		_, err = beside.Write(record)
		return err
	})
	// What may not be on the disk does not take the place of what is.
	if err == nil {
		err = beside.Sync()
	}
	if err == nil {
		err = os.Rename(beside.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, beside.Close(), os.Remove(beside.Name()))
	}
	former := f.file
	f.file, f.end = beside, end
	if err := errors.Join(former.Close(), SyncDirectory(filepath.Dir(f.path))); err != nil {
		f.failed = fmt.Errorf("the journal could not be written anew: %w", err)
		return f.failed
	}
	return nil
}

// SyncDirectory brings to the disk which files a directory has.
func SyncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
