//! More connections than there is room for.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    time::timeout,
};

use crate::process::{Daemon, PATIENCE, friends, until};

#[tokio::test]
async fn a_thousand_connections_that_say_nothing_keep_nobody_out() {
    let bob = Daemon::new("bob").await;
    let mut idle = Vec::new();
    for number in 0..1_000 {
        let mut socket = timeout(PATIENCE, UnixStream::connect(bob.socket())).await.unwrap().unwrap();
        // Some of them begin to speak.
        if number % 2 == 0 {
            socket.write_all(b"GET /v1/status HTTP/1.1\r\nHost:").await.unwrap();
        }
        idle.push(socket);
    }
    for _ in 0..3 {
        assert_eq!(bob.json(&["status"]).await["pid"], bob.pid());
    }
    // The oldest have made room.
    let mut rest = Vec::new();
    timeout(PATIENCE, idle[0].read_to_end(&mut rest)).await.unwrap().ok();
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn a_raw_stream_is_not_taken_for_idle() {
    let (alice, bob) = friends().await;
    let mut stream = UnixStream::connect(alice.socket()).await.unwrap();
    let head = "POST /v1/dial/bob/7 HTTP/1.1\r\nHost: airway\r\nConnection: upgrade\r\nUpgrade: airway-stream\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    until("the stream is open", async || {
        stream.read_buf(&mut answer).await.unwrap();
        answer.ends_with(b"\r\n\r\n")
    })
    .await;
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    let mut idle = Vec::new();
    for _ in 0..600 {
        idle.push(timeout(PATIENCE, UnixStream::connect(alice.socket())).await.unwrap().unwrap());
    }
    assert_eq!(alice.json(&["status"]).await["pid"], alice.pid());
    stream.write_all(b"still here").await.unwrap();
    let mut echo = [0; 10];
    timeout(PATIENCE, stream.read_exact(&mut echo)).await.unwrap().unwrap();
    assert_eq!(&echo, b"still here");
    assert_eq!(bob.json(&["status"]).await["pid"], bob.pid());
}
