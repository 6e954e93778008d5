//! The table in the README: made of what the tests say, and read again by the test that it is whole.

use std::{collections::BTreeMap, fmt, fs, io, path::PathBuf};

use super::{Column, PROTOCOLS};

/// The line before the table.
const BEGIN: &str = "<!-- matrix: written by `make interop` -->";

/// The line behind it.
const END: &str = "<!-- end of matrix -->";

/// How each cell went, by protocol and column; what is not there was not run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    versions: String,
    cells: BTreeMap<(String, String), bool>,
}

impl Table {
    /// A table without cells. `versions` stands under it.
    pub fn new(versions: String) -> Self {
        Self { versions, cells: BTreeMap::new() }
    }

    /// Takes in a line of what the tests print: `test matrix::quic::go_dials::echo ... ok`. Others say nothing.
    pub fn hear(&mut self, line: &str) {
        let cell = || {
            let (test, outcome) = line.strip_prefix("test matrix::")?.split_once(" ... ")?;
            let (column, protocol) = test.rsplit_once("::")?;
            Some(((protocol.to_owned(), column.to_owned()), outcome == "ok"))
        };
        self.cells.extend(cell());
    }

    /// Whether no cell was run.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether every cell was run and is well.
    pub fn is_whole(&self) -> bool {
        let well = |protocol: &str, column: Column| self.cell(protocol, column) == Some(true);
        PROTOCOLS.iter().all(|(protocol, _)| Column::all().all(|column| well(protocol, column)))
    }

    fn cell(&self, protocol: &str, column: Column) -> Option<bool> {
        self.cells.get(&(protocol.to_owned(), column.path())).copied()
    }

    /// The README with this table in the place of the one that is there.
    ///
    /// # Errors
    /// If the README has no place for it.
    pub fn put_into(&self, readme: &str) -> io::Result<String> {
        let (before, after) = place(readme)?;
        Ok(format!("{before}{BEGIN}\n\n{self}\n{END}{after}"))
    }

    /// The README of this package with this table.
    ///
    /// # Errors
    /// If it cannot be read or written, or has no place for it.
    pub fn write(&self) -> io::Result<()> {
        let path = path();
        let readme = self.put_into(&fs::read_to_string(&path)?)?;
        fs::write(path, readme)
    }
}

/// The same for every run in which the same cells are well.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| |")?;
        Column::all().try_for_each(|column| write!(f, " {column} |"))?;
        write!(f, "\n|---|")?;
        Column::all().try_for_each(|_| write!(f, "---|"))?;
        for (protocol, title) in PROTOCOLS {
            write!(f, "\n| {title} |")?;
            for column in Column::all() {
                let outcome = match self.cell(protocol, column) {
                    Some(true) => "pass",
                    Some(false) => "FAIL",
                    None => "not run",
                };
                write!(f, " {outcome} |")?;
            }
        }
        writeln!(f, "\n\n{}.", self.versions)
    }
}

/// Reads the README of this package.
///
/// # Errors
/// If it is not there, or has no table.
pub fn of_readme() -> io::Result<String> {
    let readme = fs::read_to_string(path())?;
    let (before, after) = place(&readme)?;
    let table = &readme[before.len() + BEGIN.len()..readme.len() - after.len() - END.len()];
    Ok(table.trim().to_owned())
}

/// What stands before and behind the table.
fn place(readme: &str) -> io::Result<(&str, &str)> {
    let missing = || io::Error::other(format!("the README has no line {BEGIN:?}, or none {END:?} after it"));
    let (before, rest) = readme.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok((before, after))
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_well() -> Table {
        let mut table = Table::new("Rust 1 and Go 2".into());
        for (protocol, _) in PROTOCOLS {
            for column in Column::all() {
                table.hear(&format!("test matrix::{}::{protocol} ... ok", column.path()));
            }
        }
        table
    }

    #[test]
    fn a_cell_that_fails_or_is_missing_is_seen() {
        let mut table = all_well();
        assert!(table.is_whole());
        table.hear("test matrix::quic::go_dials::echo ... FAILED");
        assert!(!table.is_whole());
        assert_eq!(table.to_string().matches("FAIL").count(), 1);
        let mut table = Table::new(String::new());
        assert!(table.is_empty());
        table.hear("test matrix::quic::go_dials::echo ... ok");
        table.hear("test mixed::agents_find_each_other ... ok");
        table.hear("running 2 tests");
        assert!(!table.is_whole());
        assert_eq!(table.to_string().matches("pass").count(), 1);
    }

    #[test]
    fn the_rest_of_the_readme_stays() {
        let readme = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let table = all_well();
        let once = table.put_into(&readme).unwrap();
        assert!(once.starts_with("before\n") && once.ends_with("\nafter\n") && !once.contains("old"));
        assert_eq!(table.put_into(&once).unwrap(), once);
        assert!(table.put_into("nothing").is_err());
    }
}
