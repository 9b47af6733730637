//! The settings on the page of compatibility: names, defaults, marks, and which of them do nothing yet.
//!
//! All of it comes from the catalogue.

use std::fmt::Write;

use crate::domain::settings::{Change, Mark, PROVIDER, SERVER, Setting};

/// The section of the page.
pub fn section(text: &mut String) {
    text.push_str(
        "\n## Settings\n\nThose of the server stand in the section `[settings]` of the configuration, or are changed while it runs:\n\
         `regserver settings set NAME VALUE`. Those of a provider stand in its block `[[provider]]`, or are changed by\n\
         `regserver settings set NAME VALUE --provider CODE`. What has no effect yet can be stated, if its value is a valid one, but nothing looks at it.\n",
    );
    table(text, "Of the server", SERVER);
    table(text, "Of a provider", PROVIDER);
}

fn table(text: &mut String, title: &str, settings: &[Setting]) {
    let _ = writeln!(text, "\n### {title}\n\n| setting | default | mark | meaning |\n|---|---|---|---|");
    for setting in settings {
        let mark = match setting.mark {
            Mark::Documented => "D",
            Mark::Ours => "O",
        };
        let default = match setting.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        let state = match (setting.is_idle(), setting.change) {
            (true, _) => "**No effect yet.** ",
            (_, Change::ConfigurationOnly) => "Only in the configuration. ",
            (_, Change::DefaultProvider) => "Changed by the default provider only. ",
            _ => "",
        };
        let _ = writeln!(text, "| `{}` | {default} | [{mark}] | {state}{} |", setting.name, setting.help);
    }
}
