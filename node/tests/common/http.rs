//! The local API without our own client: bytes in, bytes out.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    time::timeout,
};

use crate::process::{Daemon, PATIENCE};

/// Sends these bytes and returns all that comes back.
pub(crate) async fn exchange(daemon: &Daemon, bytes: &[u8]) -> String {
    let mut socket = UnixStream::connect(daemon.socket()).await.unwrap();
    let talk = async {
        // The daemon may refuse before it has read all.
        socket.write_all(bytes).await.ok();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.ok();
        String::from_utf8(answer).unwrap()
    };
    timeout(PATIENCE, talk).await.expect("an answer, or an end")
}

/// Makes a call with a JSON body; returns the number of the status and the body.
pub(crate) async fn call(daemon: &Daemon, method: &str, path: &str, body: &[u8]) -> (u16, String) {
    let (status, _, body) = request(daemon, method, path, "Content-Type: application/json\r\n", body).await;
    (status, body)
}

/// Makes a call with these headers, each with its line end; returns the number of the status, head and body.
pub(crate) async fn request(
    daemon: &Daemon,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> (u16, String, String) {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: airway\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = exchange(daemon, &[head.as_bytes(), body].concat()).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}
