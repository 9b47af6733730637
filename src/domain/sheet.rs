//! Users as CSV: which columns there are, which a header names, and cells that no spreadsheet may run.
//!
//! A spreadsheet takes a cell that begins like a formula for one, so an export puts an apostrophe before it and
//! an import takes it off again. One that reads semicolons or tabs in place of commas sees cells begin inside of
//! ours, whatever quotes stand around these, so an apostrophe stands there too. Both look through apostrophes that
//! are there already; so what was exported comes back as it was, whatever it is.

use csv::{ByteRecord, Reader, ReaderBuilder, Writer};

/// A column of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The name.
    Username,
    /// The registration address.
    Email,
    /// The password; only ever read.
    Password,
    /// The language.
    Language,
    /// The external reference.
    Reference,
    /// The department.
    Department,
    /// The id at the external authentication service.
    AuthId,
    /// The licence to use.
    LicenseKey,
    /// The group to join.
    Group,
    /// The company account to join.
    Account,
    /// The state.
    Status,
}

/// The longest cell in bytes; what an import may set is shorter.
const LONGEST_CELL: usize = 4_000;

/// The longest name of an unknown column that is told.
const LONGEST_NAME: usize = 40;

impl Column {
    /// All of them, by their names in the header.
    pub const ALL: [(Column, &'static str); 11] = [
        (Column::Username, "username"),
        (Column::Email, "email"),
        (Column::Password, "password"),
        (Column::Language, "language"),
        (Column::Reference, "reference"),
        (Column::Department, "department"),
        (Column::AuthId, "authid"),
        (Column::LicenseKey, "licensekey"),
        (Column::Group, "groupreference"),
        (Column::Account, "accountkey"),
        (Column::Status, "status"),
    ];

    /// Those of an export: what an import can take back, but no password.
    pub const EXPORTED: [Column; 10] = [
        Column::Username,
        Column::Email,
        Column::Language,
        Column::Reference,
        Column::Department,
        Column::AuthId,
        Column::LicenseKey,
        Column::Group,
        Column::Account,
        Column::Status,
    ];

    /// Its name in the header.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(column, _)| *column == self).map_or("", |(_, name)| name)
    }

    /// The column of that name, in any case.
    pub fn named(name: &str) -> Option<Column> {
        let name = name.trim();
        Self::ALL.iter().find(|(_, known)| name.eq_ignore_ascii_case(known)).map(|(column, _)| *column)
    }
}

/// Behind which characters some spreadsheet may see another cell begin.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// What a spreadsheet takes for the beginning of a formula, quotes and spaces aside.
fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches(['\'', '"', ' ']).starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The pieces of a cell that may become cells: each ends with a separator, but for the last one.
fn pieces(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts = std::iter::once(0).chain(cell.match_indices(SEPARATORS).map(|(at, mark)| at + mark.len()));
    starts.map(|at| {
        let rest = cell.get(at..).unwrap_or_default();
        let end = rest.find(SEPARATORS).map_or(rest.len(), |end| end + 1);
        (rest.get(..end).unwrap_or_default(), rest)
    })
}

/// The cell as an export writes it.
pub fn guarded(cell: &str) -> String {
    let guard = |rest| if looks_like_formula(rest) { "'" } else { "" };
    pieces(cell).flat_map(|(piece, rest)| [guard(rest), piece]).collect()
}

/// The cell as it was before an export wrote it.
pub fn unguarded(cell: &str) -> String {
    let plain = |(piece, rest): (&'_ str, &str)| match piece.strip_prefix('\'') {
        Some(plain) if looks_like_formula(rest) => plain.to_owned(),
        _ => piece.to_owned(),
    };
    pieces(cell).map(plain).collect()
}

/// Comma or semicolon, whichever the header has more of.
pub fn delimiter(header: &str) -> u8 {
    let count = |mark: char| header.chars().filter(|c| *c == mark).count();
    if count(';') > count(',') { b';' } else { b',' }
}

/// The text without the mark of its encoding.
pub fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A reader of such a file, from its header on.
pub fn reader<R: std::io::Read>(delimiter: u8, from: R) -> Reader<R> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(from)
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it begins, the first line of the text being 1.
    pub number: u64,
    /// Its cells as they are meant, in the order of the header; one for each column.
    pub cells: Result<Vec<String>, String>,
}

/// A text that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What the header names, in its order.
    pub columns: Vec<Column>,
    /// The rows.
    pub lines: Vec<Line>,
    /// How many lines the text has.
    pub length: u64,
}

impl Sheet {
    /// Reads a text, of at most so many rows.
    pub fn read(text: &str, most: usize) -> Result<Sheet, String> {
        let text = unmarked(text);
        let header = text.lines().find(|line| !line.trim().is_empty()).ok_or("csv has no header")?;
        let mut reader = reader(delimiter(header), text.as_bytes());
        let mut record = ByteRecord::new();
        // Bytes that are no UTF-8 are no error here, and a text in memory has no others.
        let mut read = |record: &mut ByteRecord| reader.read_byte_record(record).unwrap_or(false);
        if !read(&mut record) {
            return Err("csv has no header".to_owned());
        }
        let columns = columns(&record)?;
        let mut lines = Vec::new();
        while read(&mut record) {
            if lines.len() >= most {
                return Err(format!("csv has more than {most} rows: send it in pieces, with job and last"));
            }
            lines.push(Line { number: line_of(text, &record), cells: cells(&record, &columns) });
        }
        let ends = text.bytes().filter(|byte| *byte == b'\n').count() as u64;
        Ok(Sheet { columns, lines, length: ends + u64::from(!text.ends_with('\n')) })
    }
}

/// The line on which a row begins: its position is where the one before ended, ahead of blank lines.
fn line_of(text: &str, record: &ByteRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let rest = usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at..));
    let blank = rest.unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}

/// What a header names; each column once.
fn columns(header: &ByteRecord) -> Result<Vec<Column>, String> {
    let names = || header.iter().map(|name| std::str::from_utf8(name).unwrap_or_default());
    let is_header = names().any(|name| Column::named(name).is_some());
    let mut columns = Vec::new();
    for (at, name) in names().enumerate() {
        let column = Column::named(name).ok_or_else(|| unknown(at + 1, name, is_header))?;
        if columns.contains(&column) {
            return Err(format!("the header has the column {} twice", column.name()));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// An unknown column is called by its name where its neighbours are columns: else the header is missing, and what
/// stands in its place may be a password.
fn unknown(at: usize, name: &str, is_header: bool) -> String {
    let short = name.trim().chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    let shown = if is_header && short { format!(" `{}`", name.trim()) } else { String::new() };
    let names = Column::ALL.map(|(_, known)| known);
    let name = name.trim().to_lowercase();
    let near = |known: &&str| strsim::damerau_levenshtein(&name, known);
    let nearest = names.iter().min_by_key(|known| near(known)).filter(|known| near(known) <= known.len() / 2);
    let hint = nearest.map_or_else(String::new, |nearest| format!(" (did you mean {nearest}?)"));
    let first = if is_header { "" } else { ", so the first line must name the columns" };
    format!("the header's column {at}{shown} is not known{hint}; there are {}{first}", names.join(" "))
}

/// The cells of a row: those that are missing at its end are blank.
fn cells(record: &ByteRecord, columns: &[Column]) -> Result<Vec<String>, String> {
    let (found, named) = (record.len(), columns.len());
    if found > named {
        return Err(format!("the row has {found} cells, and the header names {named} columns"));
    }
    let cell = |(at, column): (usize, &Column)| match std::str::from_utf8(record.get(at).unwrap_or_default())
    {
        Ok(cell) if spills(*column, cell) => Err(format!(
            "the {} has a line break in it or is far too long: is there a quote that is not closed?",
            column.name()
        )),
        // No export writes one, so nothing of it is ours to take off.
        Ok(cell) if *column == Column::Password => Ok(cell.to_owned()),
        Ok(cell) => Ok(unguarded(cell)),
        Err(_) => Err(format!("cell {} is not UTF-8: save the file as UTF-8", at + 1)),
    };
    columns.iter().enumerate().map(cell).collect()
}

/// Whether a cell has swallowed others, passwords among them: it must not be kept or shown.
fn spills(column: Column, cell: &str) -> bool {
    // References and the like are the provider's own texts, and may have several lines.
    let line = matches!(column, Column::Username | Column::Email | Column::Password | Column::Language);
    cell.len() > LONGEST_CELL || (line && cell.trim().contains(['\n', '\r']))
}

/// Rows as CSV, a header first.
pub fn written<'a>(columns: &[Column], rows: impl Iterator<Item = Vec<&'a str>>) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    // Memory takes whatever is written.
    let _ = writer.write_record(columns.iter().map(|column| column.name()));
    for row in rows {
        let _ = writer.write_record(row.into_iter().map(guarded));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(sheet: &Sheet) -> Vec<(u64, Vec<&str>)> {
        sheet
            .lines
            .iter()
            .map(|line| match &line.cells {
                Ok(cells) => (line.number, cells.iter().map(String::as_str).collect()),
                Err(why) => (line.number, vec![why.as_str()]),
            })
            .collect()
    }

    #[test]
    fn a_quote_that_stays_open_keeps_nothing_of_what_it_swallows() {
        let text = "username,email,password\n\"anna,a@example.com,sekret-1\nben,b@example.com,sekret-2\n";
        let sheet = Sheet::read(text, 9).unwrap();
        let why =
            "the username has a line break in it or is far too long: is there a quote that is not closed?";
        assert_eq!(cells(&sheet), [(2, vec![why])]);
        let long = format!("username,email\n{},x@example.com\n", "u".repeat(5_000));
        assert_eq!(cells(&Sheet::read(&long, 9).unwrap()), [(2, vec![why])]);
        let note = Sheet::read("username,department\nanna,\"up\nstairs\"\n", 9).unwrap();
        assert_eq!(cells(&note), [(2, vec!["anna", "up\nstairs"])]);
    }

    #[test]
    fn either_mark_any_order_any_case_and_a_mark_of_the_encoding() {
        let sheet =
            Sheet::read("\u{feff}EMAIL;UserName\na@example.com;anna\r\n\n\"b;@x\";ben\nc\n", 9).unwrap();
        assert_eq!(sheet.columns, [Column::Email, Column::Username]);
        let expected = [(2, vec!["a@example.com", "anna"]), (4, vec!["b;@x", "ben"]), (5, vec!["c", ""])];
        assert_eq!(cells(&sheet), expected);
        assert_eq!(sheet.length, 5);
    }

    #[test]
    fn what_is_wrong_is_said_without_repeating_it() {
        let wrong = |text: &str| Sheet::read(text, 2).unwrap_err();
        assert_eq!(wrong(" "), "csv has no header");
        assert!(
            wrong("username,mail")
                .starts_with("the header's column 2 `mail` is not known (did you mean email?)")
        );
        let none = wrong("carol,sekret-1234");
        assert!(none.contains("column 1") && !none.contains("sekret") && !none.contains("did you"), "{none}");
        assert_eq!(wrong("email,EMAIL"), "the header has the column email twice");
        assert!(wrong("email\na\nb\nc").starts_with("csv has more than 2 rows"));
        let sheet = Sheet::read("email\na,b", 2).unwrap();
        assert_eq!(cells(&sheet), [(2, vec!["the row has 2 cells, and the header names 1 columns"])]);
    }

    #[test]
    fn formulas_are_guarded_and_come_back() {
        for cell in ["=1+1", "+49", "-x", "@home", "\rx", "'=1", "''@", "\"=1", " =1"] {
            assert_eq!(guarded(cell), format!("'{cell}"));
            assert_eq!(unguarded(&guarded(cell)), cell);
        }
        for cell in ["", "carol", "'tis", "a=b", "'", "a;b", "a, -b", "a;", "\n"] {
            assert_eq!((guarded(cell).as_str(), unguarded(cell).as_str()), (cell, cell));
        }
        for (cell, written) in [
            ("Sales;=1+1", "Sales;'=1+1"),
            ("a;\"=1", "a;'\"=1"),
            ("a\t=1\n@b", "a\t'=1\n'@b"),
            ("a;;'-b;c", "a;;''-b;c"),
            ("\tx", "'\tx"),
        ] {
            assert_eq!((guarded(cell).as_str(), unguarded(written).as_str()), (written, cell));
        }
    }

    /// The cells that a spreadsheet sees that splits there, however it takes quotes.
    fn seen(file: &str, separator: char) -> Vec<String> {
        let rough = file.split([separator, '\n', '\r']).map(str::to_owned);
        let read = |record: Result<csv::StringRecord, _>| record.unwrap().iter().map(str::to_owned).collect();
        let by_the_book = reader(separator as u8, file.as_bytes())
            .into_records()
            .flat_map(|record| -> Vec<_> { read(record) });
        rough.chain(by_the_book.collect::<Vec<_>>()).collect()
    }

    #[test]
    fn no_spreadsheet_sees_a_formula_whatever_separates_its_cells() {
        let evil =
            ["=1", "a;=1", "a;\"=1", "a\n=1", "a\r=1", "a\t@x", "a;'=1", ";;-1", "\"\"+1", "a,=1", "a;\t=1"];
        let columns = [Column::Reference, Column::Department, Column::AuthId];
        let rows = evil.iter().flat_map(|cell| [vec!["u", *cell, "r"], vec![*cell, "d", *cell]]);
        let file = written(&columns, rows);
        let sheet = Sheet::read(&file, 99).unwrap();
        let back: Vec<_> = sheet.lines.iter().map(|line| line.cells.clone().unwrap()[2].clone()).collect();
        assert_eq!(back.iter().skip(1).step_by(2).collect::<Vec<_>>(), evil.iter().collect::<Vec<_>>());
        for separator in [';', '\t'] {
            for cell in seen(&file, separator) {
                assert!(
                    !cell.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{cell:?}"
                );
            }
        }
    }

    #[test]
    fn a_password_is_read_as_it_stands() {
        let sheet = Sheet::read("username,password\n'=a,'=sekret;'-1\n", 9).unwrap();
        assert_eq!(cells(&sheet), [(2, vec!["=a", "'=sekret;'-1"])]);
    }
}
