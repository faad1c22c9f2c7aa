//! Numbers as they are written in every country: which mark begins the decimals is found out from
//! all of a file's numbers together, and a frequency that may still be two is refused. Only
//! frequencies are large enough for a mark between thousands.

/// What begins the decimals of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    Point,
    Comma,
}

impl DecimalMark {
    const fn decimals(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    /// Whether this may stand between thousands where this is the decimal mark.
    fn may_group(self, mark: char) -> bool {
        let other = match self {
            Self::Point => ',',
            Self::Comma => '.',
        };
        mark == other || [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'].contains(&mark)
    }

    /// The frequency, if it is one with this decimal mark.
    pub fn read(self, text: &str) -> Option<f64> {
        self.number(text, true)
    }

    /// The number, if it is one with this decimal mark and, where there may be, marks between thousands.
    fn number(self, text: &str, may_be_grouped: bool) -> Option<f64> {
        let text = text.trim();
        if text.len() > 64 {
            return None;
        }
        let (sign, text) = match text.chars().next()? {
            first @ ('-' | '−' | '–') => ("-", &text[first.len_utf8()..]),
            '+' => ("", &text[1..]),
            _ => ("", text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, decimals) = mantissa.split_once(self.decimals()).unwrap_or((mantissa, ""));
        let whole = self.ungrouped(whole, may_be_grouped)?;
        if whole.len() + decimals.len() == 0 || !is_digits(decimals) {
            return None;
        }
        let number: f64 = format!("{sign}0{whole}.{decimals}e{exponent}").parse().ok()?;
        number.is_finite().then_some(number)
    }

    /// The digits before the decimals. Groups are of three digits; none begins with a zero.
    fn ungrouped(self, whole: &str, may_be_grouped: bool) -> Option<String> {
        let Some(mark) = whole.chars().find(|digit| !digit.is_ascii_digit()) else {
            return Some(whole.to_owned());
        };
        let mut groups = whole.split(mark);
        let first = groups.next()?;
        let right = may_be_grouped
            && self.may_group(mark)
            && (1..=3).contains(&first.len())
            && is_digits(first)
            && !first.starts_with('0')
            && groups.all(|group| group.len() == 3 && is_digits(group));
        right.then(|| whole.replace(mark, ""))
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|digit| digit.is_ascii_digit())
}

/// What a text is, read as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    Number(f64),
    /// With a decimal point it is the first, with a decimal comma the second.
    Either(f64, f64),
    None,
}

/// How the numbers of a file are written, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notation(Option<DecimalMark>);

impl Notation {
    /// That of a file with these frequencies and other values: those that are none with one of the marks
    /// decide for the other. Where some decide for both, or none does, each stands for itself.
    pub fn of<'a>(
        frequencies: impl Iterator<Item = &'a str>,
        values: impl Iterator<Item = &'a str>,
    ) -> Self {
        let [mut point, mut comma] = [false; 2];
        let texts = frequencies.map(|text| (text, true)).chain(values.map(|text| (text, false)));
        for (text, may_be_grouped) in texts {
            let [as_point, as_comma] = [DecimalMark::Point, DecimalMark::Comma]
                .map(|mark| mark.number(text, may_be_grouped).is_some());
            point |= as_point && !as_comma;
            comma |= as_comma && !as_point;
        }
        Self(match (point, comma) {
            (true, false) => Some(DecimalMark::Point),
            (false, true) => Some(DecimalMark::Comma),
            _ => None,
        })
    }

    /// That of a file whose numbers alone do not decide: where frequencies rise with one of the marks only, it
    /// is that.
    pub fn or_rising(self, frequencies: &[&str]) -> Self {
        let rise = |mark: DecimalMark| {
            let mut last_hz = f64::NEG_INFINITY;
            frequencies.iter().all(|hz| {
                let hz = mark.read(hz).unwrap_or(f64::NAN);
                let rises = hz > last_hz && hz <= 1e6;
                last_hz = hz;
                rises
            })
        };
        if self.0.is_some() {
            return self;
        }
        match (rise(DecimalMark::Point), rise(DecimalMark::Comma)) {
            (true, false) => Self(Some(DecimalMark::Point)),
            (false, true) => Self(Some(DecimalMark::Comma)),
            _ => self,
        }
    }

    /// What a text says that is no frequency, in which no mark is between thousands.
    pub fn value(text: &str) -> Option<f64> {
        DecimalMark::Point.number(text, false).or_else(|| DecimalMark::Comma.number(text, false))
    }

    /// What a text says that may be a frequency.
    pub fn frequency(self, text: &str) -> Reading {
        let [point, comma] = [DecimalMark::Point, DecimalMark::Comma].map(|mark| mark.read(text));
        match (point, comma, self.0) {
            (Some(number), _, Some(DecimalMark::Point))
            | (_, Some(number), Some(DecimalMark::Comma))
            | (Some(number), None, _)
            | (None, Some(number), _) => Reading::Number(number),
            (Some(point), Some(comma), None) if point.to_bits() == comma.to_bits() => {
                Reading::Number(point)
            }
            (Some(point), Some(comma), None) => Reading::Either(point, comma),
            (None, None, _) => Reading::None,
        }
    }
}

/// Whether a text is a number in some notation.
pub fn is_number(text: &str) -> bool {
    Notation::default().frequency(text) != Reading::None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_every_notation_it_has() {
        for (text, point, comma) in [
            ("1200", Some(1200.0), Some(1200.0)),
            ("1,200", Some(1200.0), Some(1.2)),
            ("1.200", Some(1.2), Some(1200.0)),
            ("0.200", Some(0.2), None),
            ("1,200.5", Some(1200.5), None),
            ("1.200,5", None, Some(1200.5)),
            ("12,34", None, Some(12.34)),
            ("1,234,567", Some(1_234_567.0), None),
            ("1\u{a0}200", Some(1200.0), Some(1200.0)),
            ("1’200.5", Some(1200.5), None),
            ("−2,5", None, Some(-2.5)),
            ("+2.5e1", Some(25.0), None),
            (".5", Some(0.5), None),
            ("5.", Some(5.0), None),
            ("1,20,300", None, None),
            ("20,-1", None, None),
            ("", None, None),
            (".", None, None),
            ("--", None, None),
            ("1e999", None, None),
            ("1e99999999999", None, None),
            ("0x10", None, None),
            ("nan", None, None),
        ] {
            assert_eq!(DecimalMark::Point.read(text), point, "{text}");
            assert_eq!(DecimalMark::Comma.read(text), comma, "{text}");
        }
    }

    #[test]
    fn other_numbers_of_a_file_decide_and_else_the_order_of_points() {
        let none = || std::iter::empty();
        let read =
            |texts: &[&str], text| Notation::of(texts.iter().copied(), none()).frequency(text);
        assert_eq!(read(&["1.5", "1,200"], "1,200"), Reading::Number(1200.0));
        assert_eq!(read(&["1,5", "1,200"], "1,200"), Reading::Number(1.2));
        assert_eq!(read(&["1,200"], "1,200"), Reading::Either(1200.0, 1.2));
        assert_eq!(read(&["1,5", "1.5", "1,200"], "1,200"), Reading::Either(1200.0, 1.2));
        let notation = Notation::of(none(), ["16.139"].into_iter());
        assert_eq!(notation.frequency("20.000"), Reading::Number(20.0), "no Q has thousands");
        let rising = |frequencies| Notation::default().or_rising(frequencies).frequency("1,200");
        assert_eq!(rising(&["300", "1,200"]), Reading::Number(1200.0));
        assert_eq!(rising(&["1,200", "5,000"]), Reading::Either(1200.0, 1.2));
        assert_eq!(
            ["1,250", "-1.250", "7"].map(Notation::value),
            [Some(1.25), Some(-1.25), Some(7.0)]
        );
        assert_eq!(["1,250.5", "1 250"].map(Notation::value), [None, None]);
    }
}
