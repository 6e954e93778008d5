package polo_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
)

// file is polo.json.
type file struct {
	vectors.About
	Rewards         []struct{ Idle, Staged, CPU, Reward uint64 }
	Claims          []claimed
	RefusedClaims   []vectors.RefusedBytes `json:"refused_claims"`
	Receipts        []issued
	RefusedReceipts []vectors.RefusedBytes `json:"refused_receipts"`
	Heads           []headed
	RefusedHeads    []vectors.RefusedBytes `json:"refused_heads"`
	Exports         []struct {
		What     string
		File     string
		Others   []string
		Findings []polo.Code
	}
	Graphs []graphed
}

type claimed struct {
	Seed, Requester, Request, Output vectors.Hex
	Task                             task.ID
	Outcome                          polo.Outcome
	Idle, Staged, CPU                uint64
	MaxReward                        uint64 `json:"max_reward"`
	At                               uint64
	Bytes                            vectors.Hex
}

type issued struct {
	Seed, Claim       vectors.Hex
	Idle, Staged, CPU uint64
	Reward, Seq       uint64
	Prev              vectors.Hex
	At                uint64
	Bytes, Hash       vectors.Hex
}

type headed struct {
	Seed vectors.Hex
	Tips []struct {
		Requester, Worker vectors.Hex
		Seq               uint64
		Hash              polo.Hash
	}
	With  *vectors.Hex
	At    uint64
	Bytes vectors.Hex
}

type graphed struct {
	What     string
	Receipts []struct {
		Requester, Worker uint8
		Outcome           polo.Outcome
		Reward, At        uint64
	}
	Now     uint64
	Viewer  uint8
	Trusted []uint8
	Scores  []struct {
		Target uint8
		Milli  uint64
		Raw    int64
	}
}

func load(t *testing.T) (f file) {
	vectors.Load(t, "polo.json", &f)
	return f
}

func TestRewardsAreAsWritten(t *testing.T) {
	for _, paid := range load(t).Rewards {
		if got := polo.Reward(paid.Idle, paid.Staged, paid.CPU); got != paid.Reward {
			t.Errorf("%+v: %d", paid, got)
		}
	}
}

func TestClaimsAndReceiptsAreAsWritten(t *testing.T) {
	f := load(t)
	for _, c := range f.Claims {
		draft := polo.Draft{
			Requester: id.AgentID(c.Requester), Task: c.Task, Request: [32]byte(c.Request),
			Outcome: c.Outcome, Times: polo.Times{Idle: c.Idle, Staged: c.Staged, CPU: c.CPU}, MaxReward: c.MaxReward, At: c.At,
		}
		// Zeros if there is none.
		copy(draft.Output[:], c.Output)
		signed, err := polo.SignClaim(vectors.Key(t, c.Seed), draft)
		if err != nil || !bytes.Equal(signed.Bytes(), c.Bytes) {
			t.Fatalf("%+v is signed as %+v, %v", draft, signed, err)
		}
		if read, err := polo.ParseClaim(c.Bytes); err != nil || read.Draft != draft {
			t.Errorf("%+v, %v", read, err)
		}
	}
	for _, refused := range f.RefusedClaims {
		if _, err := polo.ParseClaim(refused.Bytes); err == nil {
			t.Errorf("%x is read, although %s", refused.Bytes, refused.Why)
		}
	}
	for _, r := range f.Receipts {
		claim, err := polo.ParseClaim(r.Claim)
		if err != nil {
			t.Fatal(err)
		}
		times, place := polo.Times{Idle: r.Idle, Staged: r.Staged, CPU: r.CPU}, polo.Place{Seq: r.Seq, Prev: polo.Hash(r.Prev)}
		signed, err := polo.Issue(vectors.Key(t, r.Seed), claim, times, place, r.At)
		if err != nil || !bytes.Equal(signed.Bytes(), r.Bytes) || signed.Reward != r.Reward {
			t.Fatalf("signed as %+v, %v", signed, err)
		}
		read, err := polo.ParseReceipt(r.Bytes)
		if err != nil || read.Hash() != polo.Hash(r.Hash) || read.Times != times || read.Place != place {
			t.Errorf("%+v, %v", read, err)
		}
	}
	for _, refused := range f.RefusedReceipts {
		if _, err := polo.ParseReceipt(refused.Bytes); err == nil {
			t.Errorf("%x is read, although %s", refused.Bytes, refused.Why)
		}
	}
}

func TestHeadsAreAsWritten(t *testing.T) {
	f := load(t)
	for _, h := range f.Heads {
		var tips []polo.Tip
		for _, tip := range h.Tips {
			tips = append(tips, polo.Tip{
				Requester: id.AgentID(tip.Requester), Worker: id.AgentID(tip.Worker), Seq: tip.Seq, Hash: tip.Hash,
			})
		}
		var with *id.AgentID
		if h.With != nil {
			agent := id.AgentID(*h.With)
			with = &agent
		}
		signed, err := polo.SignHead(vectors.Key(t, h.Seed), tips, with, h.At)
		if err != nil || !bytes.Equal(signed.Bytes(), h.Bytes) {
			t.Fatalf("signed as %+v, %v", signed, err)
		}
		read, err := polo.ParseHead(h.Bytes)
		if err != nil || !slices.Equal(read.Tips, signed.Tips) {
			t.Errorf("%+v, %v", read, err)
		}
	}
	for _, refused := range f.RefusedHeads {
		if _, err := polo.ParseHead(refused.Bytes); err == nil {
			t.Errorf("%x is read, although %s", refused.Bytes, refused.Why)
		}
	}
}

func TestFindingsAreAsWritten(t *testing.T) {
	for _, shown := range load(t).Exports {
		read := func(text string) *polo.Export {
			export, err := polo.ReadExport(strings.NewReader(text))
			if err != nil {
				t.Fatalf("%s: %v", shown.What, err)
			}
			return export
		}
		var others []*polo.Export
		for _, other := range shown.Others {
			others = append(others, read(other))
		}
		var codes []polo.Code
		found := polo.Verify(read(shown.File), others...)
		for _, one := range found {
			codes = append(codes, one.Code)
		}
		if !slices.Equal(codes, shown.Findings) {
			t.Errorf("%s: %v", shown.What, found)
		}
	}
}

func TestScoresAreAsWritten(t *testing.T) {
	agent := func(number uint8) id.AgentID { return id.AgentID(bytes.Repeat([]byte{number}, 32)) }
	for _, g := range load(t).Graphs {
		graph := polo.NewGraph()
		for _, r := range g.Receipts {
			pair := polo.Pair{Requester: agent(r.Requester), Worker: agent(r.Worker)}
			if !graph.Add(polo.Entry{Pair: pair, Outcome: r.Outcome, Reward: r.Reward, At: r.At}) {
				t.Fatalf("%s: too many edges", g.What)
			}
		}
		var trusted []id.AgentID
		for _, number := range g.Trusted {
			trusted = append(trusted, agent(number))
		}
		for _, score := range g.Scores {
			milli, raw := graph.Personal(agent(g.Viewer), trusted, agent(score.Target), g.Now), graph.Raw(agent(score.Target))
			if milli != score.Milli || raw != score.Raw {
				t.Errorf("%s: %d is worth %d, raw %d, and not %+v", g.What, score.Target, milli, raw, score)
			}
		}
	}
}
