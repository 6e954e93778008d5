//! The cells are those of the table, and the table in the README is whole.

use airway_interop_tests::matrix::{Column, PROTOCOLS, of_readme};

use crate::matrix::CELLS;

#[test]
fn every_protocol_has_its_cells() {
    assert_eq!(CELLS, PROTOCOLS.map(|(name, _)| name));
}

/// Whoever adds a cell runs `make interop` and commits the table.
#[test]
fn the_table_of_the_readme_has_every_cell_and_all_pass() {
    let table = of_readme().unwrap();
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
