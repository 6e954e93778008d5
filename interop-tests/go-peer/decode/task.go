package decode

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

func taskDecoders() map[string]Decoder {
	return map[string]Decoder{
		"polo_claim":           poloClaim,
		"polo_claim_payload":   Sealed("airway-work-v1", poloClaim),
		"polo_export":          poloExport,
		"polo_head":            poloHead,
		"polo_head_payload":    Sealed("airway-polo-head-v1", poloHead),
		"polo_receipt":         poloReceipt,
		"polo_receipt_payload": Sealed("airway-receipt-v1", poloReceipt),
		"task_answer":          taskAnswer,
		"task_body":            taskBody,
		"task_id":              Text(task.ParseID),
		"task_request":         taskRequest,
	}
}

// valid is a byte that says whether something keeps to the rules.
func valid(err error) byte {
	if err != nil {
		return 0
	}
	return 1
}

// taskRequest reads all requests of a stream, and understands each with whether it keeps to the rules.
func taskRequest(input []byte) ([]byte, error) {
	stream := bytes.NewReader(input)
	return untilEnd(func(understood []byte) ([]byte, error) {
		request, err := task.ReadRequest(stream)
		if err != nil {
			return nil, err
		}
		again, err := wire.Encode(request)
		if err != nil {
			return nil, err
		}
		broken := request.Validate()
		if request.Submit != nil && broken == nil {
			_, broken = task.ParseBody(request.Submit.Body)
		}
		return append(append(understood, again...), valid(broken)), nil
	})
}

// taskAnswer takes the input for the answer to a request, and understands it with whether it keeps to the rules.
func taskAnswer(input []byte) ([]byte, error) {
	answer, err := task.ReadAnswer(bytes.NewReader(input))
	if err != nil {
		return nil, err
	}
	again, err := wire.Encode(answer)
	if err == nil && answer.Status != nil {
		again = append(again, valid(answer.Status.Validate()))
	}
	return again, err
}

// taskBody understands what receipts name a task by, and its input as if it were a result.
func taskBody(input []byte) ([]byte, error) {
	body, err := task.ParseBody(input)
	if err != nil {
		return nil, err
	}
	understood := fmt.Appendf(nil, "%x ", body.Digest())
	if content := body.Submission().Input; content != nil {
		digest, err := content.Digest()
		if err != nil {
			return nil, err
		}
		understood = fmt.Appendf(understood, "%x", digest)
	}
	return understood, nil
}

func ofTimes(t polo.Times) string { return fmt.Sprintf("%d %d %d", t.Idle, t.Staged, t.CPU) }

func ofClaim(c *polo.Claim) string {
	output := ""
	if c.Output != [32]byte{} {
		output = fmt.Sprintf("%x", c.Output)
	}
	return fmt.Sprintf("%s %s %s %x %s %d %s %d %d",
		c.Requester, c.Worker(), c.Task, c.Request, output, uint8(c.Outcome), ofTimes(c.Times), c.MaxReward, c.At)
}

// poloClaim understands what is claimed.
func poloClaim(input []byte) ([]byte, error) {
	claim, err := polo.ParseClaim(input)
	if err != nil {
		return nil, err
	}
	return []byte(ofClaim(claim)), nil
}

// poloReceipt understands what it says, and its hash.
func poloReceipt(input []byte) ([]byte, error) {
	r, err := polo.ParseReceipt(input)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s %d %s %s %d %d %s",
		r.Hash(), r.Seq, r.Prev, ofTimes(r.Times), r.Reward, r.At, ofClaim(r.Claim)), nil
}

// poloHead understands where it says that the chains end.
func poloHead(input []byte) ([]byte, error) {
	head, err := polo.ParseHead(input)
	if err != nil {
		return nil, err
	}
	with := ""
	if head.With != nil {
		with = head.With.String()
	}
	understood := fmt.Appendf(nil, "%s %d %s", head.Agent(), head.At, with)
	for _, tip := range head.Tips {
		understood = fmt.Appendf(understood, "\n%s %s %d %s", tip.Requester, tip.Worker, tip.Seq, tip.Hash)
	}
	return understood, nil
}

// poloExport understands how many receipts there are, and what is wrong with them, by the codes.
func poloExport(input []byte) ([]byte, error) {
	export, err := polo.ReadExport(bytes.NewReader(input))
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, found := range polo.Verify(export) {
		codes = append(codes, string(found.Code))
	}
	return fmt.Appendf(nil, "%d %s", len(export.Receipts), strings.Join(codes, " ")), nil
}
