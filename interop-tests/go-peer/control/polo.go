package control

import (
	"bufio"
	"context"
	"errors"
	"os"
	"slices"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
)

// errNoPaths says that there is nothing to verify.
var errNoPaths = errors.New("name the file to verify, and then those of others")

// poloVerbs are those about receipts.
func poloVerbs() map[string]Verb {
	return map[string]Verb{
		"polo_export": verb(exportReceipts),
		"polo_verify": verb(verifyReceipts),
		"polo_score":  verb(score),
	}
}

type exportQuestion struct {
	whom
	Path string `json:"path"`
}

type exportAnswer struct {
	Receipts int `json:"receipts"`
}

func exportReceipts(ctx context.Context, a *agent.Agent, q exportQuestion) (exportAnswer, error) {
	with, err := someone(ctx, a, q.whom)
	if err != nil {
		return exportAnswer{}, err
	}
	count, err := a.ExportReceipts(q.Path, with)
	return exportAnswer{count}, err
}

// someone is whom a question names; nil if nobody.
func someone(ctx context.Context, a *agent.Agent, w whom) (*id.AgentID, error) {
	if w.Who == "" {
		return nil, nil
	}
	p, err := a.Resolve(ctx, w.Who)
	if err != nil {
		return nil, err
	}
	found, err := id.AgentIDOfPeer(p)
	return &found, err
}

type verifyQuestion struct {
	Paths []string `json:"paths"`
}

type verifyAnswer struct {
	Findings []polo.Code `json:"findings"`
}

func verifyReceipts(_ context.Context, _ *agent.Agent, q verifyQuestion) (verifyAnswer, error) {
	answer := verifyAnswer{[]polo.Code{}}
	findings, err := Verify(q.Paths...)
	for _, finding := range findings {
		answer.Findings = append(answer.Findings, finding.Code)
	}
	slices.Sort(answer.Findings)
	answer.Findings = slices.Compact(answer.Findings)
	return answer, err
}

// Verify verifies the first of some exports, beside what the others say of its chains.
func Verify(paths ...string) ([]polo.Finding, error) {
	if len(paths) == 0 {
		return nil, errNoPaths
	}
	exports := make([]*polo.Export, 0, len(paths))
	for _, path := range paths {
		export, err := readExport(path)
		if err != nil {
			return nil, err
		}
		exports = append(exports, export)
	}
	return polo.Verify(exports[0], exports[1:]...), nil
}

func readExport(path string) (*polo.Export, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return polo.ReadExport(bufio.NewReader(file))
}

// scoreAnswer is what somebody is worth: the raw sum, and what it is worth to us, in thousandths.
type scoreAnswer struct {
	Raw           int64  `json:"raw"`
	PersonalMilli uint64 `json:"personal_milli"`
}

func score(ctx context.Context, a *agent.Agent, q whom) (scoreAnswer, error) {
	of, err := someone(ctx, a, q)
	if err != nil {
		return scoreAnswer{}, err
	}
	if of == nil {
		own := a.ID()
		of = &own
	}
	raw, personal := a.Score(*of)
	return scoreAnswer{raw, personal}, nil
}
