//! The table in the README.

use std::{collections::BTreeMap, fmt, fs, io, path::PathBuf};

use super::{CELLS, Row};
use crate::driver::Language;

/// The line before the table.
const BEGIN: &str = "<!-- others: written by `make interop-all` -->";

/// The line behind it.
const END: &str = "<!-- end of others -->";

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it is to.
    Pass,
    /// Otherwise.
    Fail,
    /// What it takes is not installed here.
    Missing,
}

/// How each cell went; what is not there was not run.
#[derive(Debug, Clone, Default)]
pub struct Table {
    cells: BTreeMap<(Row, &'static str), Outcome>,
    vectors: BTreeMap<Language, Outcome>,
    versions: Vec<String>,
}

impl Table {
    /// A table without cells. The versions stand under it.
    pub fn new(versions: Vec<String>) -> Self {
        Self { versions, ..Self::default() }
    }

    /// Takes in how a cell went.
    pub fn enter(&mut self, row: Row, cell: &'static str, outcome: Outcome) {
        self.cells.insert((row, cell), outcome);
    }

    /// Takes in how the golden vectors went, which each language checks by itself.
    pub fn enter_vectors(&mut self, language: Language, outcome: Outcome) {
        self.vectors.insert(language, outcome);
    }

    /// Whether all is well.
    pub fn is_whole(&self) -> bool {
        let cell = |row, cell| self.cells.get(&(row, cell)) == Some(&Outcome::Pass);
        let vectors = |row: Row| self.vectors.get(&row.language) == Some(&Outcome::Pass);
        Row::all().all(|row| vectors(row) && CELLS.iter().all(|name| cell(row, *name)))
    }

    /// Whether everything that it takes is installed here.
    pub fn is_installed(&self) -> bool {
        !self.cells.values().chain(self.vectors.values()).any(|outcome| *outcome == Outcome::Missing)
    }

    /// Puts it into the README of this package.
    ///
    /// # Errors
    /// If that cannot be read or written, or has no place for it.
    pub fn write(&self) -> io::Result<()> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
        let readme = self.put_into(&fs::read_to_string(&path)?)?;
        fs::write(path, readme)
    }

    fn put_into(&self, readme: &str) -> io::Result<String> {
        let missing =
            || io::Error::other(format!("the README has no line {BEGIN:?}, or none {END:?} after it"));
        let (before, rest) = readme.split_once(BEGIN).ok_or_else(missing)?;
        let (_, after) = rest.split_once(END).ok_or_else(missing)?;
        Ok(format!("{before}{BEGIN}\n\n{self}\n{END}{after}"))
    }
}

/// The same for every run in which the same cells are well.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | golden vectors | {} |", CELLS.join(" | "))?;
        writeln!(f, "|---|---|{}", "---|".repeat(CELLS.len()))?;
        for row in Row::all() {
            write!(f, "| {row} | {} |", text(self.vectors.get(&row.language)))?;
            for cell in CELLS {
                write!(f, " {} |", text(self.cells.get(&(row, cell))))?;
            }
            writeln!(f)?;
        }
        writeln!(f, "\nWith {}.", self.versions.join(", "))
    }
}

fn text(outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Pass) => "pass",
        Some(Outcome::Fail) => "FAIL",
        Some(Outcome::Missing) => "not installed",
        None => "not run",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_well() -> Table {
        let mut table = Table::new(vec!["js 1".into()]);
        for row in Row::all() {
            table.enter_vectors(row.language, Outcome::Pass);
            CELLS.iter().for_each(|cell| table.enter(row, cell, Outcome::Pass));
        }
        table
    }

    #[test]
    fn a_cell_that_fails_or_is_missing_is_seen() {
        assert!(all_well().is_whole() && all_well().is_installed());
        let row = Row::all().next().unwrap();
        let mut table = all_well();
        table.enter(row, CELLS[2], Outcome::Fail);
        assert!(!table.is_whole() && table.to_string().matches("FAIL").count() == 1);
        let mut table = all_well();
        table.enter_vectors(row.language, Outcome::Missing);
        assert!(!table.is_whole() && !table.is_installed());
        assert!(!Table::new(Vec::new()).is_whole());
    }

    #[test]
    fn the_readme_has_a_place_for_the_table_and_the_rest_of_it_stays() {
        let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
        let once = all_well().put_into(&readme).unwrap();
        assert_eq!(all_well().put_into(&once).unwrap(), once);
        assert_eq!(once.split(BEGIN).next(), readme.split(BEGIN).next());
        assert!(all_well().put_into("nothing").is_err());
    }

    #[test]
    fn the_table_of_the_readme_has_every_row() {
        let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
        for row in Row::all() {
            assert!(readme.contains(&format!("| {row}")), "make interop-all: {row}");
        }
    }
}
