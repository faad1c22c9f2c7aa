//! The text of a file, in whatever encoding it is.

use crate::report::{Error, ErrorKind};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// The largest file that is read, in bytes: many times what any curve needs.
pub const BYTES_MAX: usize = 16 << 20;

/// A line of text and its number, counted from 1.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub number: usize,
    pub text: &'a str,
}

/// The text: UTF-8 or UTF-16 by its mark or by where zero bytes are, else Windows-1252, which holds
/// Latin-1.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    if bytes.len() > BYTES_MAX {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("{} bytes are too many; possible: up to {BYTES_MAX} bytes", bytes.len()),
        ));
    }
    let text = if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        String::from_utf8_lossy(rest)
    } else if let Some(encoding) = utf_16(bytes) {
        encoding.decode_with_bom_removal(bytes).0
    } else {
        match str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        }
    };
    if text.contains('\0') {
        return Err(Error::new(
            ErrorKind::Malformed,
            "this is no text; possible: a curve as text, in UTF-8, UTF-16 or Latin-1",
        ));
    }
    Ok(text)
}

/// UTF-16, if it is that: of ASCII in it, every other byte is zero.
fn utf_16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let start = &bytes[..bytes.len().min(512)];
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let [even, odd] = [zeros(0), zeros(1)];
    let most = start.len() / 2 * 3 / 4;
    match start.len() >= 4 && bytes.len().is_multiple_of(2) {
        true if odd > most && even == 0 => Some(UTF_16LE),
        true if even > most && odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The lines of a text, which may end as on any system.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let mut rest = text;
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        lines.push(Line { number: lines.len() + 1, text: text.trim() });
        rest = after.strip_prefix("\r\n").or_else(|| after.get(1..)).unwrap_or_default();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_in_every_encoding_and_with_every_line_end() {
        let text = "Hz;dB\n20;−1,5 °\n";
        let utf_16 = |unit: fn(u16) -> [u8; 2], mark: &[u8]| {
            mark.iter().copied().chain(text.encode_utf16().flat_map(unit)).collect::<Vec<u8>>()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            utf_16(u16::to_le_bytes, b"\xFF\xFE"),
            utf_16(u16::to_be_bytes, b"\xFE\xFF"),
        ] {
            assert_eq!(decode(&bytes).expect("is text"), text, "{bytes:?}");
        }
        let ascii: Vec<u8> = "20 1.5\n40 2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&ascii).expect("is text"), "20 1.5\n40 2\n");
        assert_eq!(decode(b"20 1\xB0\n").expect("is text"), "20 1°\n");
        for text in ["a\nb\n", "a\r\nb\r\n", "a\rb\r", "a\nb"] {
            let lines: Vec<_> = lines(text).iter().map(|line| (line.number, line.text)).collect();
            assert_eq!(lines, [(1, "a"), (2, "b")], "{text:?}");
        }
        assert_eq!(lines("a\r\n\r\nb").len(), 3);
        assert!(decode(&[1, 0, 0, 0]).is_err());
    }
}
