//! An agent in stealth under probes from where nobody is expected.
//!
//! The probers sit on 127.0.0.1 and the contact on 127.0.0.2, which Linux alone has without being told.
#![cfg(target_os = "linux")]

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use airway::{Node, Overrides, TICKET_LIFE, Terms};
use airway_interop_tests::agent;
use libp2p::{Multiaddr, identity::Keypair, multiaddr::Protocol};
use quinn::{
    ClientConfig, Endpoint,
    crypto::rustls::QuicClientConfig,
    rustls::{
        self, DigitallySignedStruct, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

use crate::{
    PATIENCE,
    agent::Agent,
    client::{self, Transport},
    raw,
};

/// Takes any certificate, and notes that it has seen one.
#[derive(Debug, Default)]
struct Witness(AtomicBool);

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.0.store(true, Ordering::SeqCst);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519, SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

fn socket(address: &Multiaddr) -> SocketAddr {
    let port = address.iter().find_map(|part| match part {
        Protocol::Udp(port) | Protocol::Tcp(port) => Some(port),
        _ => None,
    });
    (Ipv4Addr::LOCALHOST, port.unwrap()).into()
}

/// Whether a raw QUIC client is shown a certificate.
async fn sees_certificate(node: &Node) -> bool {
    let witness = Arc::new(Witness::default());
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(witness.clone())
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"libp2p".to_vec()];
    let config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let to = socket(&client::address(node, Transport::Quic));
    // Without a certificate of its own it gets no further either way.
    let ended = async {
        if let Ok(connection) = endpoint.connect_with(config, to, "l").unwrap().await {
            connection.closed().await;
        }
    };
    timeout(PATIENCE, ended).await.unwrap();
    witness.0.load(Ordering::SeqCst)
}

/// What a raw TCP client hears after its first words, if anything.
async fn hears(node: &Node) -> Vec<u8> {
    let mut heard = vec![0; 64];
    let asked = async {
        let mut stream = TcpStream::connect(socket(&client::address(node, Transport::TcpTls))).await?;
        stream.write_all(b"\x13/multistream/1.0.0\n").await?;
        stream.read(&mut heard).await
    };
    let count = timeout(PATIENCE, asked).await.unwrap().unwrap_or(0);
    heard.truncate(count);
    heard
}

fn tries() -> usize {
    if std::env::var("AIRWAY_TEST_SIZE").is_ok_and(|size| size == "full") { 1000 } else { 20 }
}

/// An agent that the other one expects where it is.
async fn contact(of: &Node) -> agent::Agent {
    let contact = agent::Agent::start("contact", &["/ip4/127.0.0.2/udp/0/quic-v1"]).await.unwrap();
    // An agent in stealth uses the tickets of others: nobody gets in to use its own.
    let ticket = contact.node.ticket(Terms::default(), TICKET_LIFE, false).await.unwrap();
    of.pair(&ticket, Terms::default(), PATIENCE).await.unwrap();
    contact
}

async fn is_served(contact: &agent::Agent) {
    let to = contact.node.find("agent").unwrap();
    contact.node.ping(&to, PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_stealth_a_prober_sees_who_is_there() {
    let agent = Agent::new().await;
    assert!(sees_certificate(&agent.node).await);
    assert!(hears(&agent.node).await.ends_with(b"/multistream/1.0.0\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_stealth_no_prober_sees_a_certificate_and_a_contact_is_served() {
    let agent = Agent::with(Overrides { stealth: Some(true), ..Overrides::default() }).await;
    let contact = contact(&agent.node).await;
    for at in 0..tries() {
        assert!(!sees_certificate(&agent.node).await, "try {at}");
        assert_eq!(hears(&agent.node).await, b"", "try {at}");
        for transport in Transport::ALL {
            let known = raw::connect(&Keypair::generate_ed25519(), &agent.node, transport).await;
            assert!(known.is_none(), "try {at}, {transport:?}");
        }
        is_served(&contact).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_stealth_whoever_comes_from_an_expected_network_is_answered() {
    let expect = Some(vec!["127.0.0.0/31".into()]);
    let agent = Agent::with(Overrides { stealth: Some(true), expect, ..Overrides::default() }).await;
    assert!(sees_certificate(&agent.node).await);
}

/// More than get in at once, and than have a place in the queue of handshakes.
const FLOOD: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_one_address_is_cut_off_and_holds_up_no_contact() {
    let agent = Agent::new().await;
    let contact = contact(&agent.node).await;
    is_served(&contact).await;
    let mut flood = JoinSet::new();
    for _ in 0..FLOOD {
        let node = agent.node.clone();
        flood.spawn(async move { hears(&node).await });
    }
    is_served(&contact).await;
    let answered = flood.join_all().await.iter().filter(|heard| !heard.is_empty()).count();
    assert!(answered > 0 && answered < FLOOD / 4 * 3, "{answered} of {FLOOD}");
    is_served(&contact).await;
}
