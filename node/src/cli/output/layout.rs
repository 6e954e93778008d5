//! Aligned text: fields below each other, and tables. Cleans whatever it lays out.

use anstyle::Style;
use comfy_table::{Cell, ContentArrangement, Table, presets::NOTHING};

use super::clean;

/// Names with values, one below the other.
#[derive(Debug, Default)]
pub(in crate::cli) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    /// Adds a field.
    #[must_use]
    pub(in crate::cli) fn add(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.0.push((name, clean::line(value.as_ref())));
        self
    }

    /// Adds a field if it has a value.
    #[must_use]
    pub(in crate::cli) fn add_some(self, name: &'static str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.add(name, value),
            None => self,
        }
    }

    /// Adds values below each other under one name, or nothing if there are none.
    #[must_use]
    pub(in crate::cli) fn add_all(mut self, name: &'static str, values: &[String]) -> Self {
        for (index, value) in values.iter().enumerate() {
            self = self.add(if index == 0 { name } else { "" }, value);
        }
        self
    }

    /// One line each, values aligned.
    pub(in crate::cli) fn text(&self) -> String {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let dim = Style::new().dimmed();
        let lines = self.0.iter().map(|(name, value)| format!("{dim}{name:<width$}{dim:#}  {value}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A table with a head; nothing at all if it has no rows.
pub(in crate::cli) fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head);
    for row in rows {
        table.add_row(row.map(|cell| Cell::new(clean::line(&cell))));
    }
    if table.row_iter().next().is_none() {
        return String::new();
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let bold = Style::new().bold();
    let lines = table.lines().enumerate().map(|(index, line)| match index {
        0 => format!("{bold}{}{bold:#}", line.trim_end()),
        _ => line.trim_end().to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn fields_are_aligned() {
        let fields = Fields::default()
            .add("name", "alice")
            .add_some("none", None::<&str>)
            .add_all("listening", &["/ip4/1".into(), "/ip4/2".into()]);
        assert_eq!(plain(&fields.text()), "name       alice\nlistening  /ip4/1\n           /ip4/2");
    }

    #[test]
    fn columns_are_aligned_in_any_script() {
        let rows = [["山田".into(), "1".into()], ["bob".into(), "2".into()]];
        assert_eq!(plain(&table(["NAME", "N"], rows)), "NAME  N\n山田  1\nbob   2");
    }

    #[test]
    fn a_hostile_cell_stays_in_its_cell() {
        let rows = [["a\nb\u{1b}[31m".into(), "x".into()]];
        assert_eq!(plain(&table(["NAME", "N"], rows)), "NAME     N\na b[31m  x");
    }

    #[test]
    fn a_table_without_rows_is_empty() {
        assert_eq!(table(["NAME"], []), "");
    }
}
