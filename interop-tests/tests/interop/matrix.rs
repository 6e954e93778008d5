//! The cells, each a test: `matrix::quic::go_dials::echo`.

use airway_interop_tests::{contract::Transport, driver::Language, matrix::Column};

use crate::{cells, size::size};

/// How often each cell is run.
fn runs() -> usize {
    size(1, 20)
}

macro_rules! direction {
    ($transport:ident, $direction:ident, $language:ident, [$($cell:ident),*]) => {
        mod $direction {
            use super::super::*;

            $(
                #[tokio::test]
                async fn $cell() {
                    let column = Column { transport: Transport::$transport, dials: Language::$language };
                    for _ in 0..runs() {
                        cells::$cell(column).await;
                    }
                }
            )*
        }
    };
}

macro_rules! transport {
    ($transport:ident, $name:ident, $cells:tt) => {
        mod $name {
            direction!($transport, rust_dials, Rust, $cells);
            direction!($transport, go_dials, Go, $cells);
        }
    };
}

macro_rules! cells {
    ($($cell:ident),* $(,)?) => {
        /// The tests of each column.
        pub(crate) const CELLS: &[&str] = &[$(stringify!($cell)),*];

        transport!(Quic, quic, [$($cell),*]);
        transport!(TcpTls, tcp_tls, [$($cell),*]);
        transport!(TcpNoise, tcp_noise, [$($cell),*]);
    };
}

cells![
    ping,
    echo,
    port_stream,
    message,
    file,
    perf,
    events,
    replay,
    publish_to,
    task,
    task_fails,
    task_cancelled,
    task_file,
    receipt_chain,
    pair,
    knock,
    revoke,
    join,
    find_by_name,
    find_by_address,
    find_by_tag,
    broadcast,
    expel,
];
