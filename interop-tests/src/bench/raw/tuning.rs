//! Quinn set for speed, without giving up any of its security.
//!
//! | setting | quinn | here | why |
//! |---|---|---|---|
//! | runtime | the program's | one thread for endpoint and tasks | no packet and no wake-up changes cores |
//! | cipher | AES-256-GCM first | AES-128-GCM first | the fastest where the processor has AES |
//! | socket buffers | the system's | 4 MiB | a burst waits in the kernel and is not lost |
//!
//! Segmentation offload (GSO) and the discovery of the path's packet size are on as they come, and so is the
//! post-quantum key exchange, so that set-up times compare. The windows stay at 1.25 MB a stream: larger ones pay on
//! long paths and bring nothing on one without delay.

use std::{io, net::UdpSocket, sync::Arc, thread};

use quinn::{
    ClientConfig, Endpoint, EndpointConfig, ServerConfig, TokioRuntime,
    crypto::rustls::{QuicClientConfig, QuicServerConfig},
    rustls::{
        self, RootCertStore,
        crypto::{
            CryptoProvider,
            aws_lc_rs::{
                cipher_suite::{
                    TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256,
                },
                default_provider,
            },
        },
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
        version::TLS13,
    },
};
use socket2::{Domain, Socket, Type};
use tokio::runtime::{Builder, Handle};

use super::LOOPBACK;

/// Of each socket, both ways. The system may give less (`net.core.rmem_max`, `wmem_max`).
const BUFFER: usize = 4 << 20;

pub(super) fn client(roots: RootCertStore) -> io::Result<Endpoint> {
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).map_err(io::Error::other)?));
    let mut endpoint = endpoint(None)?;
    endpoint.set_default_client_config(config);
    Ok(endpoint)
}

pub(super) fn server(
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
) -> io::Result<Endpoint> {
    let tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .map_err(io::Error::other)?;
    let tls = QuicServerConfig::try_from(tls).map_err(io::Error::other)?;
    endpoint(Some(ServerConfig::with_crypto(Arc::new(tls))))
}

/// A thread with a runtime of its own, for the rest of the process.
pub(super) fn thread() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("quinn".into()).spawn(move || {
        runtime.block_on(std::future::pending::<()>());
    })?;
    Ok(handle)
}

fn provider() -> Arc<CryptoProvider> {
    let cipher_suites =
        vec![TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256];
    Arc::new(CryptoProvider { cipher_suites, ..default_provider() })
}

fn endpoint(server: Option<ServerConfig>) -> io::Result<Endpoint> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.set_recv_buffer_size(BUFFER)?;
    socket.set_send_buffer_size(BUFFER)?;
    socket.bind(&LOOPBACK.into())?;
    let socket = UdpSocket::from(socket);
    Endpoint::new(EndpointConfig::default(), server, socket, Arc::new(TokioRuntime))
}
