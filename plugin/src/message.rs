//! Sentences for people, with names in them that anyone may have given.

/// The most characters of a sentence that are shown.
const SENTENCE_CHARS: usize = 1000;
/// The most characters without a space in between that are shown.
const WORD_CHARS: usize = 200;

/// A sentence as it can be shown on one line anywhere: what would move the cursor, change colours or turn
/// the direction of writing is spelt out, and what is too long loses its middle.
///
/// ```
/// use erbium::message::one_line;
///
/// assert_eq!(one_line("cannot read a\u{1b}[2J\nb.wav"), r"cannot read a\u{1b}[2J\nb.wav");
/// assert_eq!(one_line(&"x".repeat(1000)).chars().count(), 200);
/// ```
#[must_use]
pub fn one_line(sentence: &str) -> String {
    let mut spelt = String::with_capacity(sentence.len());
    for character in sentence.chars() {
        if character.is_control() || is_direction(character) {
            spelt.extend(character.escape_default());
        } else {
            spelt.push(character);
        }
    }
    let words: Vec<_> = spelt.split(' ').map(|word| shortened(word, WORD_CHARS)).collect();
    shortened(&words.join(" "), SENTENCE_CHARS)
}

/// A sentence that begins with a capital letter, as on a line of its own. A name at its start, of a file say, stays as it
/// is.
///
/// ```
/// use erbium::message::capitalised;
///
/// assert_eq!(capitalised("line 3: there is no gain"), "Line 3: there is no gain");
/// assert_eq!(capitalised("presence: line 3 is wrong"), "presence: line 3 is wrong");
/// assert_eq!(capitalised("a.txt is no curve"), "a.txt is no curve");
/// ```
#[must_use]
pub fn capitalised(sentence: &str) -> String {
    let word = sentence.split(' ').next().unwrap_or_default();
    let mut characters = sentence.chars();
    match characters.next() {
        Some(first) if !word.is_empty() && word.chars().all(char::is_lowercase) => {
            first.to_uppercase().chain(characters).collect()
        }
        _ => sentence.to_owned(),
    }
}

/// Whether a character ends a line or turns the direction of what follows, itself unseen.
const fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// At most so many characters, the middle left out.
fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let head = most * 3 / 5;
    let tail = most - head - 1;
    let [start, end] = [head, count - tail]
        .map(|nth| text.char_indices().nth(nth).map_or(text.len(), |(byte, _)| byte));
    format!("{}…{}", &text[..start], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_sentences_stay_as_they_are() {
        for sentence in ["cannot read Öl \"1\".wav; possible: 2⁵³", "naïve – ü 日本 😀", ""]
        {
            assert_eq!(one_line(sentence), sentence);
        }
    }

    #[test]
    fn nothing_that_moves_the_cursor_is_left() {
        let hostile = "a\0\u{7}\u{8}\t\r\n\u{1b}[31m\u{7f}\u{85}\u{9b}2J\u{202e}b\u{2028}c";
        let shown = one_line(hostile);
        assert!(!shown.chars().any(|c| c.is_control() || is_direction(c)), "{shown:?}");
        assert_eq!(&shown[..6], r"a\u{0}");
        assert!(shown.contains(r"\t\r\n\u{1b}[31m"), "{shown}");
    }

    #[test]
    fn what_is_too_long_keeps_both_ends() {
        let name = format!("cannot read /first/{}/last.wav; possible: WAV", "ü".repeat(300));
        let shown = one_line(&name);
        assert!(shown.starts_with("cannot read /first/ü"), "{shown}");
        assert!(shown.ends_with("ü/last.wav; possible: WAV"), "{shown}");
        assert!(shown.contains("ü…ü") && shown.chars().count() < 240, "{shown}");
        let words = one_line(&"word ".repeat(10_000));
        assert_eq!(words.chars().count(), 1000);
    }
}
