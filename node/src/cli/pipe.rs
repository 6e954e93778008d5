//! stdin and stdout joined to a raw stream, as netcat does it.
//!
//! ```text
//! stdin ─► thread ─► queue ─► socket ─► peer        each direction ends on its own
//! stdout ◄─ thread ◄─ queue ◄─ socket ◄─ peer
//! ```
//!
//! Both ends of a pipe block, so each has a thread of its own: a read from a terminal that never returns
//! holds up nothing, and large pieces make a pipe fast.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::AsFd,
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncWriteExt, Interest},
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
    sync::{mpsc, oneshot},
};

use super::error::Error;
use crate::api::{self, Code, client::PortStream};

/// Bytes that are read at once.
const PIECE: usize = 128 * 1024;

/// Pieces that wait in each direction: 8 of 128 KiB make 1 MiB, enough that neither side waits for the other.
const QUEUE: usize = 8;

/// How often to look whether a peer that has said all still listens, while stdin says nothing.
const LOOK: Duration = Duration::from_millis(200);

/// The two ends on our side. They outlive a stream, so that several can be served one after the other.
#[derive(Debug)]
pub(super) struct Pipe {
    input: mpsc::Receiver<io::Result<Vec<u8>>>,
    output: mpsc::Sender<Vec<u8>>,
    written: oneshot::Receiver<io::Result<()>>,
}

impl Pipe {
    /// The pipe between stdin and stdout of this process.
    pub(super) fn stdio() -> Result<Self, Error> {
        // Descriptors of our own: the standard library's handles buffer by lines and hold locks.
        let input = io::stdin().as_fd().try_clone_to_owned().map_err(Error::Output)?;
        let output = io::stdout().as_fd().try_clone_to_owned().map_err(Error::Output)?;
        Self::new(File::from(input), File::from(output))
    }

    /// The pipe between any two ends.
    fn new(input: impl Read + Send + 'static, output: impl Write + Send + 'static) -> Result<Self, Error> {
        let (read, input_queue) = mpsc::channel(QUEUE);
        let (output_queue, write) = mpsc::channel(QUEUE);
        let (done, written) = oneshot::channel();
        let spawned = thread::Builder::new().name("stdin".into()).spawn(move || read_all(input, &read));
        spawned.map_err(Error::Output)?;
        let spawned = thread::Builder::new().name("stdout".into()).spawn(move || {
            done.send(write_all(output, write)).ok();
        });
        spawned.map_err(Error::Output)?;
        Ok(Self { input: input_queue, output: output_queue, written })
    }

    /// Carries bytes both ways until both directions have ended, or the peer is gone.
    pub(super) async fn carry(&mut self, stream: PortStream) -> Result<(), Error> {
        let (head, socket) = stream.into_parts();
        let (read, write) = socket.into_split();
        let (finished, peer_finished) = oneshot::channel();
        let receive = async {
            if !head.is_empty() {
                self.output.send(head.to_vec()).await.map_err(|_| stdout_gone())?;
            }
            receive(&read, &self.output).await?;
            finished.send(()).ok();
            Ok::<_, Error>(())
        };
        let input = &mut self.input;
        let send = async {
            tokio::select! {
                biased;
                sent = send(input, write) => return sent,
                () = gone(&read, peer_finished) => {}
            }
            // Whatever comes now was meant for somebody who does not listen any more.
            match tokio::time::timeout(LOOK, input.recv()).await {
                Ok(Some(_)) => Err(not_heard()),
                Ok(None) | Err(_) => Ok(()),
            }
        };
        // A direction that fails to send lets the other one finish; one that fails to receive ends both.
        let (sent, ()) = tokio::try_join!(async { Ok(send.await) }, receive)?;
        sent
    }

    /// Waits until everything received has been written.
    pub(super) async fn finish(self) -> Result<(), Error> {
        drop(self.output);
        self.written.await.unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into())).map_err(Error::Output)
    }
}

/// From the queue to the peer.
async fn send(
    input: &mut mpsc::Receiver<io::Result<Vec<u8>>>,
    mut socket: OwnedWriteHalf,
) -> Result<(), Error> {
    while let Some(piece) = input.recv().await {
        let piece = piece.map_err(|error| {
            Error::usage(format!("cannot read stdin: {error}"), "give it a readable stdin")
        })?;
        socket.write_all(&piece).await.map_err(|_| not_heard())?;
    }
    // The peer may have hung up first, and then knows.
    socket.shutdown().await.ok();
    Ok(())
}

/// From the peer to the queue.
async fn receive(socket: &OwnedReadHalf, output: &mpsc::Sender<Vec<u8>>) -> Result<(), Error> {
    let mut buffer = vec![0; PIECE];
    loop {
        socket.readable().await.map_err(|error| lost(&error))?;
        match socket.try_read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(len) => {
                output.send(buffer[..len].to_vec()).await.map_err(|_| stdout_gone())?;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(lost(&error)),
        }
    }
}

/// Waits until the peer has said all and hears nothing more. A socket that is ready for writing announces
/// nothing when it ceases to be heard, so it is looked at now and then.
async fn gone(socket: &OwnedReadHalf, finished: oneshot::Receiver<()>) {
    if finished.await.is_err() {
        return std::future::pending().await;
    }
    loop {
        match socket.ready(Interest::WRITABLE).await {
            Ok(ready) if !ready.is_write_closed() => tokio::time::sleep(LOOK).await,
            _ => return,
        }
    }
}

fn read_all(mut input: impl Read, queue: &mpsc::Sender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; PIECE];
        let read = match input.read(&mut piece) {
            Ok(0) => return,
            Ok(len) => {
                piece.truncate(len);
                Ok(piece)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = read.is_err();
        if queue.blocking_send(read).is_err() || failed {
            return;
        }
    }
}

fn write_all(mut output: impl Write, mut queue: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    while let Some(piece) = queue.blocking_recv() {
        output.write_all(&piece)?;
    }
    output.flush()
}

fn stdout_gone() -> Error {
    Error::Output(io::ErrorKind::BrokenPipe.into())
}

fn not_heard() -> Error {
    api::Error::new(Code::Unreachable, "the peer stopped reading before everything was sent").into()
}

fn lost(error: &io::Error) -> Error {
    api::Error::new(Code::Unreachable, format!("lost the stream to the peer: {error}")).into()
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt, net::UnixStream};

    use super::*;

    /// A pipe with its far ends, and a stream with its far end.
    fn pipe() -> (Pipe, io::PipeWriter, io::PipeReader, PortStream, UnixStream) {
        let (stdin, typed) = io::pipe().unwrap();
        let (shown, stdout) = io::pipe().unwrap();
        let (near, far) = UnixStream::pair().unwrap();
        let stream = PortStream::new("head ".into(), near);
        (Pipe::new(stdin, stdout).unwrap(), typed, shown, stream, far)
    }

    #[tokio::test]
    async fn each_direction_ends_on_its_own() {
        let (mut pipe, mut typed, mut shown, stream, mut far) = pipe();
        let peer = tokio::spawn(async move {
            let mut heard = String::new();
            far.read_to_string(&mut heard).await.unwrap();
            far.write_all(b"after the end").await.unwrap();
            heard
        });
        typed.write_all(b"all there is").unwrap();
        drop(typed);
        pipe.carry(stream).await.unwrap();
        pipe.finish().await.unwrap();
        assert_eq!(peer.await.unwrap(), "all there is");
        let mut text = String::new();
        shown.read_to_string(&mut text).unwrap();
        assert_eq!(text, "head after the end");
    }

    #[tokio::test]
    async fn a_peer_that_is_gone_ends_it_while_stdin_is_silent() {
        let (mut pipe, typed, _shown, stream, far) = pipe();
        drop(far);
        tokio::time::timeout(Duration::from_secs(10), pipe.carry(stream)).await.unwrap().unwrap();
        drop(typed);
    }

    #[tokio::test]
    async fn what_is_sent_to_nobody_is_an_error() {
        let (mut pipe, mut typed, _shown, stream, far) = pipe();
        drop(far);
        typed.write_all(b"lost").unwrap();
        drop(typed);
        let error = pipe.carry(stream).await.unwrap_err();
        assert!(matches!(error, Error::Api(error) if error.code == Code::Unreachable));
    }

    #[tokio::test]
    async fn a_reader_that_went_away_ends_it() {
        let (mut pipe, typed, shown, stream, mut far) = pipe();
        drop(shown);
        let peer = tokio::spawn(async move { while far.write_all(&[0; 1024]).await.is_ok() {} });
        let error = pipe.carry(stream).await.unwrap_err();
        assert!(matches!(error, Error::Output(error) if error.kind() == io::ErrorKind::BrokenPipe));
        peer.await.unwrap();
        drop(typed);
    }

    #[tokio::test]
    async fn megabytes_arrive_whole() {
        const LEN: usize = 8 << 20;
        let (mut pipe, mut typed, mut shown, stream, far) = pipe();
        let typist = thread::spawn(move || typed.write_all(&vec![7; LEN]).unwrap());
        let reader = thread::spawn(move || io::copy(&mut shown, &mut io::sink()).unwrap());
        let echo = tokio::spawn(async move {
            let (mut read, mut write) = far.into_split();
            tokio::io::copy(&mut read, &mut write).await.unwrap()
        });
        pipe.carry(stream).await.unwrap();
        pipe.finish().await.unwrap();
        typist.join().unwrap();
        assert_eq!(echo.await.unwrap(), LEN as u64);
        assert_eq!(reader.join().unwrap(), LEN as u64 + 5);
    }
}
