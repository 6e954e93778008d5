package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// open opens a journal, and returns what stands in it.
func open(t *testing.T, path string) (*File, []string) {
	t.Helper()
	var found []string
	f, err := Open(path, func(fields, payload []byte, _ int64) error {
		found = append(found, string(fields)+"/"+string(payload))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, found
}

func add(t *testing.T, f *File, fields, payload string) {
	t.Helper()
	record, err := Record(nil, []byte(fields), []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Append(record); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsCutShortOrAlteredIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	f, _ := open(t, path)
	add(t, f, "one", "first")
	whole := f.End()
	add(t, f, "two", "second")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for end := whole; end < int64(len(content)); end++ {
		altered := slices.Clone(content)
		altered[end] ^= 1
		for _, left := range [][]byte{content[:end], altered} {
			if err := os.WriteFile(path, left, 0o600); err != nil {
				t.Fatal(err)
			}
			f, found := open(t, path)
			if !slices.Equal(found, []string{"one/first"}) || f.End() != whole {
				t.Fatalf("%q, up to %d", found, f.End())
			}
			add(t, f, "three", "")
			if _, found = open(t, path); !slices.Equal(found, []string{"one/first", "three/"}) {
				t.Fatalf("%q", found)
			}
		}
	}
}

func TestAJournalThatCannotBeWrittenAnewStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	f, _ := open(t, path)
	add(t, f, "one", "first")
	failure := errors.New("no")
	if err := f.Replace(func(func(fields, payload []byte) error) error { return failure }); !errors.Is(err, failure) {
		t.Fatal(err)
	}
	add(t, f, "two", "")
	err := f.Replace(func(put func(fields, payload []byte) error) error { return put([]byte("both"), nil) })
	if err != nil {
		t.Fatal(err)
	}
	add(t, f, "three", "")
	if _, found := open(t, path); !slices.Equal(found, []string{"both/", "three/"}) {
		t.Fatalf("%q", found)
	}
}

func TestTooLargeIsNoRecord(t *testing.T) {
	if _, err := Record(nil, make([]byte, MaxFields+1), nil); err == nil {
		t.Error("too many fields")
	}
	if _, err := Record(nil, nil, make([]byte, MaxPayload+1)); err == nil {
		t.Error("too large a payload")
	}
}
