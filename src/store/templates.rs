//! Templates that providers have written in place of the built-in ones.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::audit::{Shown, shown};
use super::backend::Tx;
use crate::domain::time::Time;
use crate::error::Result;
use crate::mail::{Named, Own, Owns, Parts};

/// How much of a part the audit log shows, in characters.
const SHOWN: usize = 4_000;

impl Tx<'_> {
    /// All of them, by their providers.
    pub fn templates(&self) -> Result<HashMap<i64, Owns>> {
        let sql = "SELECT providerid, family, name, language, subject, text, html, changed FROM templates";
        let rows = self.all(sql, &[], |row| {
            let parts = Parts { subject: row.get(4)?, text: row.get(5)?, html: row.get(6)? };
            let key: (i64, String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((key, Own { parts, changed: Time(row.get(7)?) }))
        })?;
        let mut all: HashMap<i64, Owns> = HashMap::new();
        for ((provider, family, name, language), own) in rows {
            all.entry(provider).or_default().add(&family, &name, language, own);
        }
        Ok(all)
    }

    /// The parts of a provider's own template.
    pub fn template(&self, provider: i64, named: Named, language: &str) -> Result<Option<Parts>> {
        let sql = "SELECT subject, text, html FROM templates
                   WHERE providerid = $1 AND family = $2 AND name = $3 AND language = $4";
        self.one(sql, &[&provider, &named.family.name(), &named.template.name, &language], |row| {
            Ok(Parts { subject: row.get(0)?, text: row.get(1)?, html: row.get(2)? })
        })
    }

    /// Writes a provider's own template in place of what was there.
    pub fn set_template(
        &self,
        provider: i64,
        named: Named,
        language: &str,
        parts: &Parts,
        now: Time,
    ) -> Result<()> {
        self.note(|notes| notes.settings = true);
        let before = self.template(provider, named, language)?;
        self.rows_differ(before.as_ref().map_or_else(Shown::new, row), row(parts));
        let sql = "INSERT INTO templates (providerid, family, name, language, subject, text, html, changed)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (providerid, family, name, language)
                   DO UPDATE SET subject = excluded.subject, text = excluded.text, html = excluded.html,
                   changed = excluded.changed";
        let (family, name) = (named.family.name(), named.template.name);
        let Parts { subject, text, html } = parts;
        self.change(sql, &[&provider, &family, &name, &language, subject, text, html, &now.0]).map(drop)
    }

    /// Forgets a provider's own template, so that the built-in one holds again.
    pub fn drop_template(&self, provider: i64, named: Named, language: &str) -> Result<()> {
        self.note(|notes| notes.settings = true);
        if let Some(old) = self.template(provider, named, language)? {
            self.rows_differ(row(&old), Shown::new());
        }
        let sql =
            "DELETE FROM templates WHERE providerid = $1 AND family = $2 AND name = $3 AND language = $4";
        self.change(sql, &[&provider, &named.family.name(), &named.template.name, &language]).map(drop)
    }
}

/// A template as the audit log shows it. Which one it is stands in the call's own fields.
fn row(parts: &Parts) -> Shown {
    shown([
        ("subject", parts.subject.as_str().into()),
        ("text", cut(&parts.text).into()),
        ("html", cut(&parts.html).into()),
    ])
}

/// The beginning of a long part, and what tells it from every other one.
fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}… (sha256 {})", &text[..at], hex::encode(Sha256::digest(text))),
    }
}
