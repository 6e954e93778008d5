//! Tasks: what is said about them, and receipts.

use airway_protocols::{
    polo::{self, Claim, Export, Head, Receipt, Times},
    tasks::{self, Answer, Body, Request},
    wire,
};
use data_encoding::HEXLOWER;
use futures::executor::block_on;

use super::targets::talk::Talk;

/// All requests of a stream, each with whether it keeps to the rules.
pub(super) fn request(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = Talk::new(bytes);
    let mut understood = Vec::new();
    while let Some(request) = block_on(tasks::receive(&mut stream)).ok()? {
        understood.extend(wire::encode(&request).ok()?);
        let body_is_well = match &request {
            Request::Submit { body, .. } => Body::from_bytes(body.clone()).is_ok(),
            _ => true,
        };
        understood.push((request.validate().is_ok() && body_is_well).into());
    }
    Some(understood)
}

/// Takes the input for the answer to a request: it, and whether it keeps to the rules.
pub(super) fn answer(bytes: &[u8]) -> Option<Vec<u8>> {
    let answer = block_on(tasks::read_answer(&mut Talk::new(bytes))).ok()?;
    let mut understood = wire::encode(&answer).ok()?;
    if let Answer::Status(report) = &answer {
        understood.push(report.validate().is_ok().into());
    }
    Some(understood)
}

/// What receipts name a task by, and its input as if it were a result.
pub(super) fn body(bytes: &[u8]) -> Option<Vec<u8>> {
    let body = Body::from_bytes(bytes.to_vec()).ok()?;
    let input = body.submission().input.as_ref().map(|input| HEXLOWER.encode(&input.digest()));
    Some(format!("{} {}", HEXLOWER.encode(&body.digest()), input.unwrap_or_default()).into_bytes())
}

fn of_claim(claim: &Claim) -> String {
    let (pair, output) = (claim.pair(), claim.output().map(|output| HEXLOWER.encode(output)));
    let (request, output) = (HEXLOWER.encode(claim.request()), output.unwrap_or_default());
    let (task, outcome, most, at) = (claim.task(), u8::from(claim.outcome()), claim.max_reward(), claim.at());
    let times = of_times(claim.times());
    format!("{} {} {task} {request} {output} {outcome} {times} {most} {at}", pair.requester, pair.worker)
}

fn of_times(Times { idle, staged, cpu }: Times) -> String {
    format!("{idle} {staged} {cpu}")
}

/// What it claims.
pub(super) fn claim(bytes: &[u8]) -> Option<Vec<u8>> {
    Claim::from_bytes(bytes).ok().map(|claim| of_claim(&claim).into_bytes())
}

/// What it says, and its hash.
pub(super) fn receipt(bytes: &[u8]) -> Option<Vec<u8>> {
    let receipt = Receipt::from_bytes(bytes).ok()?;
    let (hash, place, times) = (receipt.hash(), receipt.place(), of_times(receipt.times()));
    let (reward, at, claim) = (receipt.reward(), receipt.at(), of_claim(receipt.claim()));
    Some(format!("{hash} {} {} {times} {reward} {at} {claim}", place.seq, place.prev).into_bytes())
}

/// Where it says that the chains end.
pub(super) fn head(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = Head::from_bytes(bytes).ok()?;
    let with = head.with().map(|with| with.to_string()).unwrap_or_default();
    let tips =
        head.tips().iter().map(|tip| format!("\n{} {} {} {}", tip.requester, tip.worker, tip.seq, tip.hash));
    let tips: String = tips.collect();
    Some(format!("{} {} {with}{tips}", head.agent(), head.at()).into_bytes())
}

/// How many receipts there are, and what is wrong with them, by the codes.
pub(super) fn export(bytes: &[u8]) -> Option<Vec<u8>> {
    let export = Export::read(bytes).ok()?;
    let findings = polo::verify(&export, &[]);
    let codes: Vec<_> = findings.iter().map(|finding| finding.code().as_str()).collect();
    Some(format!("{} {}", export.receipts.len(), codes.join(" ")).into_bytes())
}
