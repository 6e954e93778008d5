//! The document: its marks, and what stands behind each.
//!
//! ```text
//! <!-- table: NAME -->       a table; its first columns are made here, the others are prose and stay as they are
//! <!-- example: NAME -->     a block of text that is made here
//! ```

use std::{collections::HashMap, env, fs, path::PathBuf};

/// When set, the document is written in place of compared.
const WRITE: &str = "AIRWAY_WRITE_SPEC";

/// What makes a column wide enough for nothing.
const BLANK: &str = "";

/// A table that the document has to have: the first cells of each row.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) rows: Vec<Vec<String>>,
}

/// A block of text that the document has to have.
#[derive(Clone)]
pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

/// A row of cells.
#[macro_export]
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$($cell.to_string()),*] };
}

/// Compares everything with the document, or writes it.
pub(crate) fn compare(tables: &[Table], examples: &[Example]) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("SPEC.md");
    let document = fs::read_to_string(&file).unwrap();
    let made = fill(&document, tables, examples);
    if env::var_os(WRITE).is_some() {
        fs::write(file, made).unwrap();
        return;
    }
    let mut pairs = document.lines().zip(made.lines()).enumerate();
    if let Some((at, (is, should))) = pairs.find(|(_, (is, should))| is != should) {
        panic!(
            "SPEC.md differs from the code; {WRITE}=1 shows it in git\nline {}\n is      {is}\n should  {should}",
            at + 1
        );
    }
    assert_eq!(document, made, "SPEC.md ends early or late; {WRITE}=1 shows it in git");
}

/// Panics at a reference to a heading that is not there.
pub(crate) fn check_references() {
    let document = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("SPEC.md")).unwrap();
    let headings = document.lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
    let slug = |heading: &str| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    let known: Vec<_> = headings.map(slug).collect();
    let references = document.split("](#").skip(1).filter_map(|rest| rest.split_once(')'));
    let dead: Vec<_> =
        references.map(|(to, _)| to).filter(|to| !known.iter().any(|slug| slug == to)).collect();
    assert!(dead.is_empty() && !known.is_empty(), "SPEC.md has no heading for {dead:?}");
}

/// The document with everything in its place.
fn fill(document: &str, tables: &[Table], examples: &[Example]) -> String {
    let mut tables: HashMap<_, _> = tables.iter().map(|table| (table.name, table)).collect();
    let mut examples: HashMap<_, _> = examples.iter().map(|example| (example.name, example)).collect();
    let (mut made, mut lines) = (String::new(), document.lines().peekable());
    while let Some(line) = lines.next() {
        push(&mut made, line);
        if let Some(name) = mark(line, "table") {
            let table = tables.remove(name).unwrap_or_else(|| panic!("nobody makes the table {name}"));
            [lines.next(), lines.next()].into_iter().flatten().for_each(|head| push(&mut made, head));
            let mut prose = HashMap::new();
            while let Some(row) = lines.next_if(|line| line.starts_with('|')) {
                let cells = cells(row);
                let (known, rest) = cells.split_at(table.rows[0].len().min(cells.len()));
                prose.insert(known[0].clone(), rest.to_vec());
            }
            table.rows.iter().for_each(|row| push(&mut made, &write(row, prose.get(&row[0]))));
        } else if let Some(name) = mark(line, "example") {
            let example = examples.remove(name).unwrap_or_else(|| panic!("nobody makes the example {name}"));
            push(&mut made, lines.next().unwrap());
            while lines.next_if(|line| !line.starts_with("```")).is_some() {}
            push(&mut made, example.text.trim_end());
        }
    }
    let left: Vec<_> = tables.into_keys().chain(examples.into_keys()).collect();
    assert!(left.is_empty(), "SPEC.md has no place for {left:?}");
    made
}

fn push(made: &mut String, line: &str) {
    made.push_str(line);
    made.push('\n');
}

/// The name behind a mark of this kind.
fn mark<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    line.strip_prefix("<!-- ")?.strip_prefix(kind)?.strip_prefix(": ")?.strip_suffix(" -->")
}

/// The cells of a row of a table. None of them has a bar in it.
fn cells(row: &str) -> Vec<String> {
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

fn write(row: &[String], prose: Option<&Vec<String>>) -> String {
    let all = row.iter().chain(prose.into_iter().flatten());
    let cells: Vec<_> = all.map(|cell| if cell.is_empty() { BLANK } else { cell.as_str() }).collect();
    format!("| {} |", cells.join(" | "))
}
