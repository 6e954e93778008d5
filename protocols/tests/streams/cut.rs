//! The end of all streams of a peer, at once and for good.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker, ready},
};

use airway_protocols::streams::{Cut, OpenError, OpenToAll, Stream};
use futures::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
    future::{join_all, poll_fn},
};
use libp2p::StreamProtocol;
use tokio::{task::JoinHandle, time::timeout};

use super::support::{Side, Sides};
use crate::{
    PROTOCOL,
    common::{LISTEN, PATIENCE},
    echo, on_every_transport, round_trip, verdict,
};

const MARKER: StreamProtocol = StreamProtocol::new("/marker/1");

/// Streams that are cut at once, half of them opened by each side.
const STREAMS: usize = 64;

/// How often they are cut over each transport.
fn rounds() -> usize {
    if std::env::var("AIRWAY_TEST_SIZE").is_ok_and(|size| size == "full") { 1000 } else { 20 }
}

/// What goes through the streams of one side, and what still goes through them after the cut.
#[derive(Debug, Default)]
struct Traffic {
    read: AtomicUsize,
    written: AtomicUsize,
    /// Set when the cut has returned.
    cut: AtomicBool,
    /// Uses that began after that, and succeeded.
    late: AtomicUsize,
}

impl Traffic {
    /// One use of a stream; returns how it failed.
    fn count<T>(
        &self,
        done: &AtomicUsize,
        amount: impl Fn(&T) -> usize,
        poll: impl FnOnce() -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let after = self.cut.load(Ordering::SeqCst);
        let outcome = ready!(poll());
        if let Ok(value) = &outcome {
            done.fetch_add(amount(value), Ordering::SeqCst);
            self.late.fetch_add(after.into(), Ordering::SeqCst);
        }
        Poll::Ready(outcome)
    }

    async fn read(self: Arc<Self>, mut from: impl AsyncRead + Unpin) -> io::Error {
        let mut buf = [0; 4096];
        loop {
            let read =
                poll_fn(|cx| self.count(&self.read, |n| *n, || Pin::new(&mut from).poll_read(cx, &mut buf)));
            match read.await {
                Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    async fn write(self: Arc<Self>, mut to: impl AsyncWrite + Unpin) -> io::Error {
        let buf = [7; 4096];
        loop {
            let written =
                poll_fn(|cx| self.count(&self.written, |n| *n, || Pin::new(&mut to).poll_write(cx, &buf)));
            if let Err(error) = written.await {
                return error;
            }
            let flushed =
                poll_fn(|cx| self.count(&self.written, |()| 0, || Pin::new(&mut to).poll_flush(cx)));
            if let Err(error) = flushed.await {
                return error;
            }
        }
    }

    /// Reads and writes as fast as it can, each in a task of its own.
    fn pump(self: &Arc<Self>, stream: Stream) -> [JoinHandle<io::Error>; 2] {
        let (reader, writer) = stream.split();
        [tokio::spawn(self.clone().read(reader)), tokio::spawn(self.clone().write(writer))]
    }
}

/// Streams that echo at the client's and are the server's to use, of both directions.
async fn both_ways(server: &Side, client: &Side) -> Vec<Stream> {
    let mut incoming = server.control.listen(PROTOCOL, STREAMS).unwrap();
    echo(client.control.listen(PROTOCOL, STREAMS).unwrap());
    for _ in 0..STREAMS / 2 {
        let stream = client.control.open(server.peer(), PROTOCOL).await.unwrap();
        tokio::spawn(echo_of_the_opener(stream));
    }
    let mut streams = Vec::new();
    while streams.len() < STREAMS / 2 {
        streams.push(incoming.next().await.unwrap());
    }
    while streams.len() < STREAMS {
        streams.push(server.control.open(client.peer(), PROTOCOL).await.unwrap());
    }
    streams
}

/// The opener speaks first, or the stream does not come to be.
async fn echo_of_the_opener(mut stream: Stream) {
    if stream.write_all(b"x").await.is_ok() && stream.flush().await.is_ok() {
        let _ = airway_protocols::echo::serve(stream).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_read_or_written_once_a_cut_has_returned() {
    for address in LISTEN {
        for round in 0..rounds() {
            let test = async {
                let Sides { server, client, .. } = Sides::new(address, OpenToAll).await;
                let traffic = Arc::new(Traffic::default());
                let streams = both_ways(&server, &client).await;
                let halves: Vec<_> = streams.into_iter().flat_map(|stream| traffic.pump(stream)).collect();
                while traffic.read.load(Ordering::SeqCst) < STREAMS * 4096 {
                    tokio::task::yield_now().await;
                }
                server.control.cut(&client.peer());
                traffic.cut.store(true, Ordering::SeqCst);
                // The connection is still there: nothing but the cut ends them.
                for half in halves {
                    let error = half.await.unwrap();
                    assert!(Cut::is(&error), "{address}, {round}: {error}");
                    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
                }
                assert_eq!(traffic.late.load(Ordering::SeqCst), 0, "{address}, {round}");
                assert!(traffic.written.load(Ordering::SeqCst) > 0, "{address}, {round}");
            };
            timeout(PATIENCE, test).await.unwrap_or_else(|_| panic!("{address}, {round}: timed out"));
        }
    }
}

/// Remembers that a task was woken.
#[derive(Debug, Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_cut_wakes_those_who_wait_and_fails_every_use() {
    on_every_transport(|address| async move {
        let Sides { server, client, .. } = Sides::new(address, OpenToAll).await;
        let _incoming = server.control.listen(PROTOCOL, 8).unwrap();
        let mut stream = client.control.open(server.peer(), PROTOCOL).await.unwrap();
        let (reader, writer) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
        let wakers = [Waker::from(reader.clone()), Waker::from(writer.clone())];
        let [mut reading, mut writing] = wakers.each_ref().map(Context::from_waker);

        // Nobody takes the stream: what is written piles up, until there is no more room.
        while let Poll::Ready(written) = Pin::new(&mut stream).poll_write(&mut writing, &[0; 65536]) {
            assert!(written.unwrap() > 0, "{address}");
        }
        assert!(Pin::new(&mut stream).poll_read(&mut reading, &mut [0; 8]).is_pending(), "{address}");
        assert!(!stream.is_cut(), "{address}");

        // Nothing else runs meanwhile: no waiting in between.
        assert!(!reader.0.load(Ordering::SeqCst) && !writer.0.load(Ordering::SeqCst), "{address}");
        client.control.cut(&server.peer());
        assert!(reader.0.load(Ordering::SeqCst), "{address}: the reader sleeps");
        assert!(writer.0.load(Ordering::SeqCst), "{address}: the writer sleeps");
        assert!(stream.is_cut(), "{address}");
        let uses = [
            stream.read(&mut [0; 8]).await.map(drop),
            stream.write(b"x").await.map(drop),
            stream.flush().await,
            stream.accepted().await,
            stream.close().await,
        ];
        for error in uses.map(Result::unwrap_err) {
            assert!(Cut::is(&error), "{address}: {error}");
        }
    })
    .await;
}

/// Opens a stream and sends a byte on it.
async fn opened(client: &Side, server: &Side, protocol: StreamProtocol) -> Stream {
    let mut stream = client.control.open(server.peer(), protocol).await.unwrap();
    stream.write_all(b"x").await.unwrap();
    stream.flush().await.unwrap();
    stream
}

#[tokio::test]
async fn streams_in_the_queue_and_those_that_come_later_are_cut_until_the_peer_connects_again() {
    on_every_transport(|address| async move {
        let sides = Sides::new(address, OpenToAll).await;
        let Sides { server, client, .. } = &sides;
        let mut incoming = server.control.listen(PROTOCOL, 8).unwrap();
        let mut marked = server.control.listen(MARKER, 8).unwrap();
        let _waits = opened(client, server, PROTOCOL).await;
        let _marker = opened(client, server, MARKER).await;
        marked.next().await.unwrap();

        server.control.cut(&client.peer());
        let mut waited = incoming.next().await.unwrap();
        assert!(waited.is_cut(), "{address}");
        assert!(Cut::is(&waited.read(&mut [0; 1]).await.unwrap_err()), "{address}");
        // The connections are still there, and good for nothing.
        let late = client.control.open(server.peer(), PROTOCOL).await.unwrap();
        assert_eq!(verdict(late).await, None, "{address}: reset, without an answer");
        let lost = server.control.open(client.peer(), PROTOCOL).await;
        assert!(matches!(lost, Err(OpenError::Lost)), "{address}: {lost:?}");

        server.swarm.disconnect(client.peer()).await;
        client.swarm.until_apart(server.peer()).await;
        sides.connect().await;
        echo(incoming);
        let again = client.control.open(server.peer(), PROTOCOL).await.unwrap();
        assert_eq!(round_trip(again, b"again").await.unwrap(), b"again", "{address}");
        echo(client.control.listen(PROTOCOL, 8).unwrap());
        let back = server.control.open(client.peer(), PROTOCOL).await.unwrap();
        assert_eq!(round_trip(back, b"back").await.unwrap(), b"back", "{address}");
    })
    .await;
}

#[tokio::test]
async fn streams_that_outlived_their_connection_are_cut_too() {
    on_every_transport(|address| async move {
        let sides = Sides::new(address, OpenToAll).await;
        let Sides { server, client, .. } = &sides;
        let mut incoming = server.control.listen(PROTOCOL, 8).unwrap();
        let _held = opened(client, server, PROTOCOL).await;
        let mut stream = incoming.next().await.unwrap();
        server.swarm.disconnect(client.peer()).await;
        client.swarm.until_apart(server.peer()).await;
        assert!(!stream.is_cut(), "{address}");

        // On the same leash as the next connection, which a cut finds as well.
        sides.connect().await;
        let _later = opened(client, server, PROTOCOL).await;
        let later = incoming.next().await.unwrap();
        server.swarm.disconnect(client.peer()).await;
        server.control.cut(&client.peer());
        assert!(Cut::is(&stream.read(&mut [0; 1]).await.unwrap_err()), "{address}");
        assert!(later.is_cut(), "{address}");
    })
    .await;
}

#[tokio::test]
async fn streams_of_other_peers_go_on() {
    timeout(PATIENCE, async {
        let sides = Sides::new(LISTEN[0], OpenToAll).await;
        echo(sides.server.control.listen(PROTOCOL, 8).unwrap());
        let others = join_all((0..3).map(|_| sides.another())).await;
        let mut streams = join_all(others.iter().map(|other| opened(other, &sides.server, PROTOCOL))).await;
        for stream in &mut streams {
            stream.accepted().await.unwrap();
        }
        sides.server.control.cut(&others[0].peer());
        assert!(
            verdict(others[0].control.open(sides.server.peer(), PROTOCOL).await.unwrap()).await.is_none()
        );
        for stream in streams.drain(1..) {
            assert_eq!(round_trip(stream, b"y").await.unwrap(), b"xy");
        }
    })
    .await
    .unwrap();
}
