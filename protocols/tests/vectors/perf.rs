use airway_protocols::{
    perf::{self, Request},
    wire,
};
use futures::executor::block_on;
use serde::Serialize;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::support::{RefusedBytes, golden, hex, why};

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    runs: Vec<Run>,
    refused_requests: Vec<RefusedBytes>,
    refused_answers: Vec<RefusedBytes>,
}

#[derive(Serialize)]
struct Run {
    send: u64,
    receive: u64,
    request: String,
    /// The answer when everything was sent, without the bytes behind it.
    answer: String,
}

/// An answer as it travels, free to break the rules.
#[derive(Serialize)]
struct Received {
    received: u64,
}

#[derive(Serialize)]
struct Texts {
    send: &'static str,
    receive: &'static str,
}

/// What the refused answers are to.
const REQUEST: Request = Request { send: 4, receive: 0 };

fn framed(message: &impl Serialize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), wire::CONTROL_FRAME).unwrap()
}

/// What a responder makes of these bytes, and what it answers.
fn serve(bytes: &[u8]) -> (Result<Option<Request>, perf::Error>, Vec<u8>) {
    let mut answer = Vec::new();
    let served = block_on(perf::serve(&mut tokio::io::join(bytes, &mut answer).compat()));
    (served, answer)
}

fn run((send, receive): (u64, u64)) -> Run {
    let request = Request { send, receive };
    let mut asked = Vec::new();
    block_on(perf::ask(&mut asked, &request)).unwrap();
    assert_eq!(asked, framed(&request));

    let answer = framed(&Received { received: send });
    // Larger runs stand here for their frames alone.
    if send + receive < 1 << 20 {
        let payload = vec![0; usize::try_from(send).unwrap()];
        let (served, said) = serve(&[asked.clone(), payload].concat());
        assert_eq!(served.unwrap(), Some(request));
        assert_eq!(said, [answer.clone(), vec![0; usize::try_from(receive).unwrap()]].concat());
    }
    Run { send, receive, request: hex(asked), answer: hex(answer) }
}

fn refused_request(bytes: Vec<u8>) -> RefusedBytes {
    let (served, answer) = serve(&bytes);
    assert!(answer.is_empty());
    RefusedBytes { why: why(&served.unwrap_err()), bytes: hex(bytes) }
}

fn refused_answer(bytes: Vec<u8>) -> RefusedBytes {
    let mut stream = tokio::io::join(&bytes[..], tokio::io::sink()).compat();
    let error = block_on(perf::answer(&mut stream, &REQUEST)).unwrap_err();
    RefusedBytes { why: why(&error), bytes: hex(bytes) }
}

#[test]
fn perf_is_as_written() {
    let runs = [(0, 0), (1, 0), (0, 1), (300, 70_000), (perf::MAX_BYTES, perf::MAX_BYTES)];
    let over = perf::MAX_BYTES + 1;
    let whole = framed(&Request { send: 1, receive: 1 });
    let refused_requests = [
        framed(&Request { send: over, receive: 0 }),
        framed(&Request { send: 0, receive: over }),
        framed(&Request { send: u64::MAX, receive: u64::MAX }),
        framed(&Received { received: 1 }),
        framed(&Texts { send: "1", receive: "1" }),
        whole[..whole.len() - 1].to_vec(),
        vec![0x00],
        vec![0x81, 0x20],
    ];
    let refused_answers =
        [vec![], framed(&Received { received: 5 }), framed(&REQUEST), vec![0x01, 0xA0], vec![0x81, 0x20]];
    golden(
        "perf.json",
        &Vectors {
            about: "Runs of /airway/perf/1.0.0: the request frame, which `send` bytes follow, and the answer frame to \
                    all of them, which `receive` bytes follow. The value of the bytes is of no account. A stream that \
                    begins with a refused request is dropped without an answer. Refused answers are to a request of 4 \
                    bytes to send and none to receive.",
            runs: runs.map(run).into(),
            refused_requests: refused_requests.map(refused_request).into(),
            refused_answers: refused_answers.map(refused_answer).into(),
        },
    );
}
