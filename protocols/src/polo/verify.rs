//! Checking chains: against themselves, and against what others say of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Export, Finding, Head, Pair, Receipt, ReceiptHash};

/// The receipts of each pair, by number.
type Chains<'a> = BTreeMap<Pair, Vec<&'a Receipt>>;

/// What an export shows.
struct Shown<'a> {
    chains: Chains<'a>,
    hashes: HashSet<(Pair, u64, ReceiptHash)>,
}

/// Checks an export: what was found while it was [read](Export::read), the chains that its receipts make, and whether
/// they end where its author and the `others` say that they do. Nothing is found if all is in order.
///
/// Findings come in this order: of lines, of tasks, and then of pairs, ascending.
#[must_use]
pub fn verify<'a>(export: &'a Export, others: impl IntoIterator<Item = &'a Export>) -> Vec<Finding> {
    let mut findings = export.findings.clone();
    findings.extend(duplicates(&export.receipts));
    let chains = chains(&export.receipts);
    for (pair, chain) in &chains {
        check(*pair, chain, &mut findings);
    }
    let receipts = export.receipts.iter();
    let hashes = receipts.map(|receipt| (receipt.pair(), receipt.seq(), receipt.hash())).collect();
    let shown = Shown { chains, hashes };
    let mut said = BTreeMap::new();
    if let Some(head) = &export.head {
        for teller in [export].into_iter().chain(others) {
            compare(head, &shown, teller, &mut said);
        }
    }
    findings.extend(said.into_values());
    findings
}

fn chains(receipts: &[Receipt]) -> Chains<'_> {
    let mut chains = Chains::new();
    for receipt in receipts {
        chains.entry(receipt.pair()).or_default().push(receipt);
    }
    for chain in chains.values_mut() {
        chain.sort_by_key(|receipt| receipt.seq());
    }
    chains
}

/// Tasks that have several receipts, each once.
fn duplicates(receipts: &[Receipt]) -> impl Iterator<Item = Finding> {
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for receipt in receipts {
        let task = (receipt.pair().requester, receipt.claim().task());
        if !seen.insert(task) {
            twice.insert(task);
        }
    }
    twice.into_iter().map(|(requester, task)| Finding::Duplicate { requester, task })
}

/// Whether each receipt of a chain follows from the one before it.
fn check(pair: Pair, chain: &[&Receipt], findings: &mut Vec<Finding>) {
    let mut last: (u64, ReceiptHash) = (0, ReceiptHash::NONE);
    for receipt in chain {
        let (seq, prev) = (receipt.seq(), receipt.place().prev);
        if seq == last.0 {
            if receipt.hash() != last.1 {
                findings.push(Finding::Fork { pair, seq });
            }
            continue;
        }
        if seq > last.0 + 1 {
            findings.push(Finding::Gap { pair, after: last.0, next: seq });
        } else if prev != last.1 {
            findings.push(Finding::Link { pair, seq });
        }
        last = (seq, receipt.hash());
    }
}

/// What `teller` says otherwise of chains that the author of the export would have to show. Of several who say that a
/// chain goes on, the one counts who knows most of it.
fn compare(head: &Head, shown: &Shown<'_>, teller: &Export, said: &mut BTreeMap<(Pair, u64), Finding>) {
    let Some(by) = &teller.head else { return };
    for (pair, seq, hash) in places(teller, by).filter(|(pair, ..)| head.is_about(pair)) {
        let chain = shown.chains.get(&pair).map_or(&[][..], Vec::as_slice);
        // Chains ascend.
        let has_place = || chain.binary_search_by_key(&seq, |one| one.seq()).is_ok();
        let ends = chain.last().map_or(0, |receipt| receipt.seq());
        if seq > ends {
            let tail = Finding::Tail { pair, ends, reported: seq, by: by.agent() };
            match said.get(&(pair, u64::MAX)) {
                Some(Finding::Tail { reported, .. }) if *reported >= seq => {}
                _ => drop(said.insert((pair, u64::MAX), tail)),
            }
        } else if !shown.hashes.contains(&(pair, seq, hash)) && has_place() {
            said.insert((pair, seq), Finding::Fork { pair, seq });
        }
    }
}

/// Every place in a chain that somebody speaks of, by a head or by a receipt.
fn places<'a>(of: &'a Export, head: &'a Head) -> impl Iterator<Item = (Pair, u64, ReceiptHash)> + 'a {
    let tips = head.tips().iter().map(|tip| (tip.pair(), tip.seq, tip.hash));
    let receipts = of.receipts.iter().map(|receipt| (receipt.pair(), receipt.seq(), receipt.hash()));
    tips.chain(receipts)
}

#[cfg(test)]
mod tests;
