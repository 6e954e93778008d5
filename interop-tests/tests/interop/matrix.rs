//! The cells, each a test: `matrix::quic::go_dials::echo`.

use airway_interop_tests::{
    contract::Transport,
    driver::Language,
    matrix::{self, Column, PROTOCOLS},
};

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
        const CELLS: &[&str] = &[$(stringify!($cell)),*];

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
    pair,
    knock,
    revoke,
    join,
    find_by_name,
    find_by_address,
    find_by_tag,
    expel,
];

#[test]
fn every_protocol_has_its_cells() {
    assert_eq!(CELLS, PROTOCOLS.map(|(name, _)| name));
}

/// Whoever adds a cell runs `make interop` and commits the table.
#[test]
fn the_table_of_the_readme_has_every_cell_and_all_pass() {
    let table = matrix::of_readme().unwrap();
    let mut lines = table.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let mut cells = || lines.next().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let head = cells().unwrap();
    assert_eq!(head[1..], Column::all().map(|column| column.to_string()).collect::<Vec<_>>());
    cells();
    for (_, title) in PROTOCOLS {
        let row = cells().unwrap_or_else(|| panic!("no row for {title}: make interop"));
        assert_eq!(row[0], title, "make interop");
        assert_eq!(row[1..], vec!["pass"; head.len() - 1], "{title}");
    }
    assert_eq!(cells(), None);
}
