package agent

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
)

// ExportReceipts writes our receipts to a file, with one agent or, if that is nil, with all. It returns how many there are.
func (a *Agent) ExportReceipts(path string, with *id.AgentID) (int, error) {
	tips := make(map[polo.Pair]polo.Tip)
	var receipts [][]byte
	for _, r := range a.desk.book.Receipts() {
		pair := r.Pair()
		if with != nil && pair.Requester != *with && pair.Worker != *with {
			continue
		}
		tips[pair] = polo.Tip{Requester: pair.Requester, Worker: pair.Worker, Seq: r.Seq, Hash: r.Hash()}
		receipts = append(receipts, r.Bytes())
	}
	list := make([]polo.Tip, 0, len(tips))
	for _, tip := range tips {
		list = append(list, tip)
	}
	head, err := polo.SignHead(a.key, list, with, unixMilli())
	if err != nil {
		return 0, err
	}
	return len(receipts), writeExport(path, head, receipts)
}

// writeExport puts the file in the place of what was there, whole or not at all.
func writeExport(path string, head *polo.Head, receipts [][]byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".polo-")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	err = polo.WriteExport(out, head, receipts)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// Score is what an agent is worth by our receipts: the raw sum, which decides nothing, and what it is worth to us, in
// thousandths.
func (a *Agent) Score(agent id.AgentID) (raw int64, personal uint64) {
	graph := polo.NewGraph()
	for _, receipt := range a.desk.book.Receipts() {
		graph.Add(receipt.Entry())
	}
	var trusted []id.AgentID
	for _, c := range a.Contacts() {
		if a.access.isTrusted(c.Peer) {
			trusted = append(trusted, c.ID)
		}
	}
	return graph.Raw(agent), graph.Personal(a.ID(), trusted, agent, unixMilli())
}
