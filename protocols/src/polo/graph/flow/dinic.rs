//! The largest flow of any network, by Dinic's algorithm.

use std::collections::VecDeque;

/// Level of a node that cannot be reached.
const NOWHERE: usize = usize::MAX;

/// Nodes, and arcs that carry something. Each arc has a reverse one behind it, which carries what could be taken back.
#[derive(Debug, Default)]
pub(super) struct Network {
    /// Where each arc leads, and what it still carries. The reverse of arc `i` is `i ^ 1`.
    arcs: Vec<(usize, u64)>,
    /// Arcs that leave each node.
    leaving: Vec<Vec<usize>>,
}

impl Network {
    pub(super) fn new(nodes: usize) -> Self {
        Self { arcs: Vec::new(), leaving: vec![Vec::new(); nodes] }
    }

    /// One more node.
    pub(super) fn node(&mut self) -> usize {
        self.leaving.push(Vec::new());
        self.leaving.len() - 1
    }

    /// One more arc.
    pub(super) fn arc(&mut self, from: usize, to: usize, carries: u64) -> usize {
        let arc = self.arcs.len();
        self.arcs.extend([(to, carries), (from, 0)]);
        self.leaving[from].push(arc);
        self.leaving[to].push(arc + 1);
        arc
    }

    /// What flows over an arc.
    pub(super) fn flow(&self, arc: usize) -> u64 {
        self.arcs[arc ^ 1].1
    }

    /// Lets as much flow as can.
    pub(super) fn saturate(&mut self, source: usize, sink: usize) {
        loop {
            let mut levels = self.levels(source);
            if levels[sink] == NOWHERE {
                return;
            }
            self.block(source, sink, &mut levels);
        }
    }

    /// How many arcs each node is away.
    fn levels(&self, source: usize) -> Vec<usize> {
        let mut levels = vec![NOWHERE; self.leaving.len()];
        levels[source] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for &arc in &self.leaving[node] {
                let (to, carries) = self.arcs[arc];
                if carries > 0 && levels[to] == NOWHERE {
                    levels[to] = levels[node] + 1;
                    queue.push_back(to);
                }
            }
        }
        levels
    }

    /// Lets flow what can by paths on which every arc leads to the next level. Without recursion: a path may be as long
    /// as the network is large.
    fn block(&mut self, source: usize, sink: usize, levels: &mut [usize]) {
        let mut tried = vec![0; self.leaving.len()];
        let mut path: Vec<usize> = Vec::new();
        loop {
            let at = path.last().map_or(source, |arc| self.arcs[*arc].0);
            if at == sink {
                self.push(&mut path);
            } else if let Some(&arc) = self.leaving[at].get(tried[at]) {
                let (to, carries) = self.arcs[arc];
                if carries > 0 && levels[to] != NOWHERE && levels[to] == levels[at] + 1 {
                    path.push(arc);
                } else {
                    tried[at] += 1;
                }
            } else {
                // Nothing leads on from here.
                levels[at] = NOWHERE;
                if path.pop().is_none() {
                    return;
                }
            }
        }
    }

    /// Sends along a path what its narrowest arc carries, and goes back to before that.
    fn push(&mut self, path: &mut Vec<usize>) {
        let narrowest = path.iter().map(|arc| self.arcs[*arc].1).min().unwrap_or(0);
        for &arc in path.iter() {
            self.arcs[arc].1 -= narrowest;
            self.arcs[arc ^ 1].1 += narrowest;
        }
        let full = path.iter().position(|arc| self.arcs[*arc].1 == 0).unwrap_or(0);
        path.truncate(full);
    }
}
