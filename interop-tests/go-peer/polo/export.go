package polo

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Magic is the first line of an export. Then comes its head, and then receipts, one object a line:
//
//	airway-polo-v1
//	head <base64url of a head>
//	receipt <base64url of a receipt>
//	…
const Magic = "airway-polo-v1"

const (
	// MaxReceipts is the most receipts of one file, each of which is held in memory.
	MaxReceipts = 100_000
	// maxLine is the longest line, in bytes: a word, a blank, and the largest head. A longer one ends the reading.
	maxLine = len("receipt ") + (maxHead+2)/3*4
	// maxFindings is the most findings about lines that are kept; reading goes no further.
	maxFindings = 1000
)

// Why a file was not read.
var (
	// ErrMagic says that the first line is another one.
	ErrMagic = errors.New("this is no export of receipts: its first line is not " + Magic)
	// ErrTooMany says that there are more receipts than are read.
	ErrTooMany = fmt.Errorf("there are more than %d receipts", MaxReceipts)
)

// Export is a file of receipts, as far as it could be read.
type Export struct {
	// Head is what its author says that its chains are; nil if there is none.
	Head *Head
	// Receipts are those that are in order each by itself, in the order of the file.
	Receipts []*Receipt
	// Findings are what is wrong with the other lines.
	Findings []Finding
}

// WriteExport writes a file.
func WriteExport(w io.Writer, head *Head, receipts [][]byte) error {
	if _, err := fmt.Fprintf(w, "%s\nhead %s\n", Magic, base64.RawURLEncoding.EncodeToString(head.envelope)); err != nil {
		return err
	}
	for _, receipt := range receipts {
		if _, err := fmt.Fprintf(w, "receipt %s\n", base64.RawURLEncoding.EncodeToString(receipt)); err != nil {
			return err
		}
	}
	return nil
}

// ReadExport reads a file, and verifies every object in it. What is wrong with a line is among the findings; the error is that
// of a file which is no export, is too large, or cannot be read.
func ReadExport(r io.Reader) (*Export, error) {
	lines := bufio.NewReaderSize(r, maxLine+2)
	first, err := nextLine(lines)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(first) != Magic {
		return nil, ErrMagic
	}
	e := new(Export)
	for number := 2; len(e.Findings) < maxFindings; number++ {
		line, err := nextLine(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(e.Receipts) == MaxReceipts {
			return nil, ErrTooMany
		}
		if found := e.take(line, number); found != nil {
			e.Findings = append(e.Findings, *found)
		}
		if len(line) > maxLine {
			break
		}
	}
	if e.Head == nil {
		e.Findings = append(e.Findings, *malformed(2, "the file has no head"))
	}
	return e, nil
}

// nextLine is the next line without its end, or as much of it as shows that it is too long: io.EOF if there is none.
func nextLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	return bytes.TrimSuffix(line, []byte("\n")), err
}

// take takes in one line.
func (e *Export) take(line []byte, number int) *Finding {
	if len(line) > maxLine {
		return malformed(number, "the line is too long")
	}
	word, text, _ := bytes.Cut(line, []byte(" "))
	kind := string(word)
	if len(word) == len(line) || kind != "head" && kind != "receipt" {
		return malformed(number, "the line is neither a head nor a receipt")
	}
	if kind == "head" && e.Head != nil {
		return malformed(number, "the file has several heads")
	}
	envelope, err := base64.RawURLEncoding.DecodeString(string(text))
	// Written again: the decoder ignores the ends of lines, and bits that are left over.
	if err != nil || base64.RawURLEncoding.EncodeToString(envelope) != string(text) {
		return malformed(number, "the line is no base64url")
	}
	if kind == "head" {
		head, err := ParseHead(envelope)
		if err != nil {
			return ofHead(number, err)
		}
		e.Head = head
		return nil
	}
	receipt, err := ParseReceipt(envelope)
	if err != nil {
		return ofReceipt(number, err)
	}
	e.Receipts = append(e.Receipts, receipt)
	return nil
}

func onLine(number int, code Code, what string) *Finding {
	return &Finding{code, fmt.Sprintf("line %d: %s", number, what)}
}

func malformed(number int, why string) *Finding { return onLine(number, CodeMalformed, why) }

func ofHead(number int, err error) *Finding {
	if isOfSignature(err) {
		return onLine(number, CodeSignature, "the head is not validly signed")
	}
	return malformed(number, err.Error())
}

func ofReceipt(number int, err error) *Finding {
	var inClaim *ClaimError
	switch {
	case errors.As(err, &inClaim) && isOfSignature(err):
		return onLine(number, CodeSignature, "the worker has not signed it")
	case isOfSignature(err), errors.Is(err, ErrForeignClaim):
		return onLine(number, CodeSignature, "the requester has not signed it")
	case errors.Is(err, ErrReward):
		return onLine(number, CodeReward, err.Error())
	case errors.Is(err, ErrClamp):
		return onLine(number, CodeClamp, err.Error())
	}
	return malformed(number, err.Error())
}

// isOfSignature says whether what is wrong with an envelope is who signed it, if anybody did.
func isOfSignature(err error) bool {
	for _, one := range []error{wire.ErrSignature, wire.ErrSigner, wire.ErrWeakKey} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}
