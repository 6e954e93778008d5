//! Raw quinn: what QUIC gives a program without libp2p on top. Once as quinn makes it, once [`tuned`](tuning).

mod tuning;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use airway::protocols::echo;
use data_encoding::HEXLOWER;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use quinn::{
    ClientConfig, Connection, Endpoint, ServerConfig,
    rustls::{
        RootCertStore,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    },
};
use tokio::{io::Join, runtime::Handle, task::JoinHandle};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};

use super::{
    Runtime, Stack, Transport,
    child::{Ready, Server, client_gone},
    service::{Service, Side, sink},
};

/// The name on the server's certificate.
const NAME: &str = "localhost";

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The first byte of a stream says what it is for; libp2p negotiates that.
const ECHO: u8 = 0;
const SINK: u8 = 1;

type Stream = Compat<Join<quinn::RecvStream, quinn::SendStream>>;

/// A connected endpoint.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    endpoint: Endpoint,
    server: SocketAddr,
    connection: Arc<Mutex<Connection>>,
    /// The runtime of the endpoint and of the measuring tasks.
    runtime: Handle,
}

impl Raw {
    /// Starts a server in a process of its own, and connects to it.
    pub(super) async fn connect(runtime: Runtime, stack: Stack) -> io::Result<(Self, Server)> {
        let (child, ready) = Server::start(runtime, stack, Transport::Quic, &[]).await?;
        let server: SocketAddr = ready.listening.parse().map_err(io::Error::other)?;
        let certificate = HEXLOWER.decode(ready.credential()?.as_bytes()).map_err(io::Error::other)?;
        let mut roots = RootCertStore::empty();
        roots.add(certificate.into()).map_err(io::Error::other)?;
        let runtime = home(stack)?;
        let starting = runtime.spawn(async move {
            let endpoint = client(stack, roots)?;
            let connection = endpoint.connect(server, NAME).map_err(io::Error::other)?.await?;
            Ok::<_, io::Error>((endpoint, Arc::new(Mutex::new(connection))))
        });
        let (endpoint, connection) = starting.await??;
        Ok((Self { endpoint, server, connection, runtime }, child))
    }

    fn connection(&self) -> Connection {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Side for Raw {
    type Stream = Stream;

    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.runtime.spawn(task)
    }

    async fn hang_up(&self) -> io::Result<()> {
        let connection = self.connection();
        connection.close(0_u32.into(), &[]);
        connection.closed().await;
        Ok(())
    }

    async fn connect(&self) -> io::Result<()> {
        let connection = self.endpoint.connect(self.server, NAME).map_err(io::Error::other)?.await?;
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = connection;
        Ok(())
    }

    async fn open(&self, service: Service) -> io::Result<Stream> {
        let (mut send, receive) = self.connection().open_bi().await?;
        let tag = match service {
            Service::Echo => ECHO,
            Service::Sink => SINK,
        };
        send.write_all(&[tag]).await?;
        Ok(tokio::io::join(receive, send).compat())
    }
}

/// Runs the server until the client is gone.
pub(super) async fn serve(stack: Stack, ready: impl FnOnce(&Ready)) -> io::Result<()> {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).map_err(io::Error::other)?;
    let certificate = made.cert.der().clone();
    let credential = Some(HEXLOWER.encode(&certificate));
    let key = PrivatePkcs8KeyDer::from(made.key_pair.serialize_der());
    let starting = home(stack)?.spawn(async move {
        let endpoint = server(stack, certificate, key)?;
        let address = endpoint.local_addr()?;
        tokio::spawn(accept(endpoint));
        Ok::<_, io::Error>(address)
    });
    let listening = starting.await??.to_string();
    ready(&Ready { listening, credential });
    client_gone().await;
    Ok(())
}

async fn accept(endpoint: Endpoint) {
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(async move {
            let connection = incoming.await?;
            while let Ok((send, receive)) = connection.accept_bi().await {
                tokio::spawn(answer(tokio::io::join(receive, send).compat()));
            }
            Ok::<_, io::Error>(())
        });
    }
}

async fn answer(mut stream: Stream) -> io::Result<()> {
    let mut tag = [0];
    stream.read_exact(&mut tag).await?;
    match tag {
        [ECHO] => drop(echo::serve(&mut stream).await.map_err(io::Error::other)?),
        _ => sink(&mut stream).await?,
    }
    stream.close().await
}

fn client(stack: Stack, roots: RootCertStore) -> io::Result<Endpoint> {
    if stack == Stack::QuinnTuned {
        return tuning::client(roots);
    }
    let mut endpoint = Endpoint::client(LOOPBACK)?;
    let config = ClientConfig::with_root_certificates(Arc::new(roots)).map_err(io::Error::other)?;
    endpoint.set_default_client_config(config);
    Ok(endpoint)
}

fn server(
    stack: Stack,
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
) -> io::Result<Endpoint> {
    if stack == Stack::QuinnTuned {
        return tuning::server(certificate, key);
    }
    let config = ServerConfig::with_single_cert(vec![certificate], key.into()).map_err(io::Error::other)?;
    Endpoint::server(config, LOOPBACK)
}

/// Where an endpoint lives: the program's runtime, or tuned a thread of its own.
fn home(stack: Stack) -> io::Result<Handle> {
    if stack == Stack::QuinnTuned { tuning::thread() } else { Ok(Handle::current()) }
}
