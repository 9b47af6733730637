//! The program's own source text, as far as tests read it: files, and code without its texts.

use std::path::{Path, PathBuf};

/// A file of the source.
pub struct Source {
    /// The path from the root of the package.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// All Rust files below these folders.
pub fn files(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in folders {
        collect(&root.join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: PathBuf| Source {
        text: std::fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root).unwrap().display().to_string(),
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

impl Source {
    /// Everything before the file's own tests.
    pub fn program(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }

    /// The program's code, with texts, characters and comments blanked out; lines stay where they are.
    pub fn code(&self) -> String {
        blanked(self.program(), false)
    }

    /// The texts in the program's code.
    pub fn texts(&self) -> Vec<String> {
        let kept = blanked(self.program(), true);
        kept.split('\u{1}').skip(1).step_by(2).map(str::to_owned).collect()
    }

    /// Code with its tests, blanked.
    pub fn all_code(&self) -> String {
        blanked(&self.text, false)
    }
}

/// Blanks comments and characters, and texts too, or keeps these between two marks.
fn blanked(text: &str, keep: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, kept) = token(rest, first);
        let piece = &rest[..length];
        match kept {
            Kept::Code => out.push_str(piece),
            Kept::Text if keep => {
                let inner = piece.trim_start_matches(['r', 'b', '#']).trim_end_matches('#');
                out.push_str(&format!("\u{1}{}\u{1}", &inner[1..inner.len() - 1]));
            }
            Kept::Text | Kept::Nothing => out.extend(piece.chars().filter(|c| *c == '\n')),
        }
        rest = &rest[length..];
    }
    out
}

enum Kept {
    Code,
    Text,
    Nothing,
}

/// The length of what begins here, and what becomes of it.
fn token(rest: &str, first: char) -> (usize, Kept) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Kept::Nothing);
    }
    for (hashes, open) in [(0, "r\""), (1, "r#\""), (2, "r##\"")] {
        if let Some(after) = rest.strip_prefix(open) {
            let close = format!("\"{}", "#".repeat(hashes));
            let end = after.find(&close).map_or(after.len(), |at| at + close.len());
            return (open.len() + end, Kept::Text);
        }
    }
    match first {
        '"' => (quoted(rest), Kept::Text),
        '\'' => match character(rest) {
            Some(length) => (length, Kept::Nothing),
            None => (1, Kept::Code),
        },
        // A name is taken whole, so that its `r` begins no raw text.
        c if c.is_alphanumeric() || c == '_' => {
            (rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()), Kept::Code)
        }
        c => (c.len_utf8(), Kept::Code),
    }
}

/// The length of a text in quotes.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character in quotes; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        return rest[3..].find('\'').map(|at| at + 4);
    }
    characters.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at + 1)
}

#[test]
fn code_is_told_from_texts() {
    let text = r##"let a = "x { \" }"; let b = '{'; let c: &'a str = r#"y " {"#; // { z
fn f() { '\'' }"##;
    let source = Source { path: String::new(), text: text.to_owned() };
    assert_eq!(source.code(), "let a = ; let b = ; let c: &'a str = ; \nfn f() {  }");
    assert_eq!(source.texts(), ["x { \\\" }", "y \" {"]);
}
