//! The lines of the table.

use serde_json::{Value, json};

/// One line of the table.
pub struct Row {
    what: String,
    value: String,
    /// The figure in `value` and its unit, where it is one.
    figure: Option<(f64, &'static str)>,
    /// What it should be, where that is decided, or what to compare it with.
    target: String,
}

impl Row {
    /// A line of text.
    pub fn new(
        what: impl Into<String>,
        value: impl Into<String>,
        target: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), value: value.into(), figure: None, target: target.into() }
    }

    /// A line with a figure, of which three digits are shown.
    pub fn figure(
        what: impl Into<String>,
        number: f64,
        unit: &'static str,
        target: impl Into<String>,
    ) -> Self {
        let value = format!("{} {unit}", three_digits(number));
        Self { figure: Some((number, unit)), ..Self::new(what, value.trim_end(), target) }
    }

    pub fn print(&self) {
        println!("  {:<74} {:>18}   {}", self.what, self.value, self.target);
    }

    /// The line for programs, with the group it belongs to.
    pub fn json(&self, group: &str) -> Value {
        let (number, unit) = self.figure.unzip();
        json!({
            "group": group, "what": self.what, "value": self.value,
            "number": number, "unit": unit, "target": self.target,
        })
    }
}

fn three_digits(number: f64) -> String {
    match number.abs() {
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        1.0.. => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}
