package polo

import (
	"slices"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// trustFloor is what an edge to somebody who is directly trusted carries at least, in thousandths.
const trustFloor = 1000

// Graph is receipts as a graph: an edge leads from each requester to each worker that it has paid. The capacity of an edge is
// what was paid on it, at most 10 for each week and 100 in all, a week counting half as much after 90 days; each expired task
// takes 2 from its week.
type Graph struct {
	paidBy map[id.AgentID]map[id.AgentID]edge
	paid   map[id.AgentID][]id.AgentID
	raw    map[id.AgentID]int64
	edges  int
}

// MaxEdges bounds a graph: a score over that many takes a few milliseconds.
const MaxEdges = 10_000

// Entry is what counts of a receipt.
type Entry struct {
	Pair
	Outcome Outcome
	Reward  uint64
	// At is when, in milliseconds since 1970 by the requester's clock.
	At uint64
}

// NewGraph is a graph without an edge.
func NewGraph() *Graph {
	return &Graph{
		paidBy: make(map[id.AgentID]map[id.AgentID]edge),
		paid:   make(map[id.AgentID][]id.AgentID),
		raw:    make(map[id.AgentID]int64),
	}
}

// Add takes in a receipt; the caller sees to it that none is taken in twice. It returns false for one of a new pair beyond
// [MaxEdges].
func (g *Graph) Add(e Entry) bool {
	if g.paidBy[e.Worker][e.Requester] == nil {
		if g.edges == MaxEdges {
			return false
		}
		g.edges++
		if g.paidBy[e.Worker] == nil {
			g.paidBy[e.Worker] = make(map[id.AgentID]edge)
		}
		g.paidBy[e.Worker][e.Requester] = make(edge)
		g.paid[e.Requester] = append(g.paid[e.Requester], e.Worker)
	}
	g.paidBy[e.Worker][e.Requester].add(e)
	switch e.Outcome {
	case Success:
		// A reward fits: it is MaxNumber at most.
		g.raw[e.Worker] += int64(e.Reward)
		g.raw[e.Requester]--
	case Expiry:
		g.raw[e.Worker]--
	}
	return true
}

// Raw is what an agent was paid for work, less 1 for each success that it asked for and each task that expired with it. Two who
// are in it together can make it anything: it decides nothing by itself.
func (g *Graph) Raw(agent id.AgentID) int64 { return g.raw[agent] }

// Capacity is what the edge from one agent to another carries at a time, in thousandths.
func (g *Graph) Capacity(from, to id.AgentID, now uint64) uint64 {
	return g.paidBy[to][from].capacity(now)
}

// Personal is what target is worth to viewer, who directly trusts some, in thousandths: the largest flow from the one to the
// other over paths of at most three edges. An edge of the viewer to somebody whom it trusts carries at least 1. The score of
// oneself is 0.
//
// An agent stands in two layers: reached by one edge, and reached by one or two. So every edge of the graph is in the network
// once, and its largest flow is the one that is asked for.
func (g *Graph) Personal(viewer id.AgentID, trusted []id.AgentID, target id.AgentID, now uint64) uint64 {
	if viewer == target {
		return 0
	}
	first := make(map[id.AgentID]uint64)
	for _, to := range g.paid[viewer] {
		first[to] = g.Capacity(viewer, to, now)
	}
	for _, to := range trusted {
		first[to] = max(first[to], trustFloor)
	}
	direct := first[target]
	delete(first, viewer)
	delete(first, target)

	n := new(network)
	source, sink := n.node(), n.node()
	nodes := make(map[id.AgentID]int)
	for agent, carries := range first {
		nodes[agent] = n.node()
		n.arc(source, nodes[agent], carries)
	}
	for second, last := range g.paidBy[target] {
		if second == viewer {
			continue
		}
		node := n.node()
		n.arc(node, sink, last.capacity(now))
		if own, ok := nodes[second]; ok {
			n.arc(own, node, first[second])
		}
		for payer, middle := range g.paidBy[second] {
			if from, ok := nodes[payer]; ok && payer != target {
				n.arc(from, node, middle.capacity(now))
			}
		}
	}
	return direct + n.flow(source, sink)
}

// network is arcs with what they still carry; the arc beside each leads back.
type network struct {
	arcs [][]int
	to   []int
	left []uint64
}

func (n *network) node() int {
	n.arcs = append(n.arcs, nil)
	return len(n.arcs) - 1
}

func (n *network) arc(from, to int, carries uint64) {
	n.arcs[from] = append(n.arcs[from], len(n.to))
	n.arcs[to] = append(n.arcs[to], len(n.to)+1)
	n.to, n.left = append(n.to, to, from), append(n.left, carries, 0)
}

// flow is the largest flow, by Dinic's algorithm: along the shortest ways, until there is none.
func (n *network) flow(source, sink int) uint64 {
	var sum uint64
	for {
		depth := n.depths(source)
		if depth[sink] < 0 {
			return sum
		}
		tried := make([]int, len(n.arcs))
		for {
			sent := n.push(source, sink, ^uint64(0), depth, tried)
			if sent == 0 {
				break
			}
			sum += sent
		}
	}
}

// depths is how many arcs each node is away from a source; -1 for those that are not reached.
func (n *network) depths(source int) []int {
	depth := slices.Repeat([]int{-1}, len(n.arcs))
	depth[source] = 0
	for line := []int{source}; len(line) > 0; line = line[1:] {
		for _, arc := range n.arcs[line[0]] {
			if to := n.to[arc]; n.left[arc] > 0 && depth[to] < 0 {
				depth[to] = depth[line[0]] + 1
				line = append(line, to)
			}
		}
	}
	return depth
}

// push sends as much as fits along one way.
func (n *network) push(node, sink int, most uint64, depth, tried []int) uint64 {
	if node == sink {
		return most
	}
	for ; tried[node] < len(n.arcs[node]); tried[node]++ {
		arc := n.arcs[node][tried[node]]
		if n.left[arc] == 0 || depth[n.to[arc]] != depth[node]+1 {
			continue
		}
		if sent := n.push(n.to[arc], sink, min(most, n.left[arc]), depth, tried); sent > 0 {
			n.left[arc] -= sent
			n.left[arc^1] += sent
			return sent
		}
	}
	return 0
}
