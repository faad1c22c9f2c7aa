//! Reads equaliser curves that other programs write, and writes them ([`export`]), and makes curves of published tables
//! ([`target`]) and of thresholds of hearing ([`hearing`]), and no more: what applies them is elsewhere.
//!
//! | read | from |
//! |---|---|
//! | `GraphicEQ:` and `Preamp:` lines, filters by frequency, gain and width, for all channels or for left and right | [Equalizer APO](https://sourceforge.net/p/equalizerapo/wiki/Configuration%20reference/), [AutoEq](https://github.com/jaakkopasanen/AutoEq), [REW](https://www.roomeqwizard.com/help/help_en-GB/html/eqfilters.html) |
//! | tables of hertz and dB with headings or without, AutoEq's `equalization` among their columns | spreadsheets in any country, AutoEq |
//! | sound pressure levels, once [`Purpose`] says what they are for | REW, and tables of other programs for measurements |
//!
//! A file may be UTF-8, UTF-16 or Windows-1252, with the line ends of any system, decimal points or commas,
//! and separators of thousands. What would change the curve and cannot be read is an [`Error`], and what is
//! passed over a [`Note`], both with the number of their line.
//!
//! ```
//! use erbium_curve::{Options, read};
//!
//! let file = b"Preamp: -6 dB\nFilter 1: ON PK Fc 1000 Hz Gain 6 dB Q 1.41\nFilter 2: OFF PK";
//! let curves = read(file, &Options::at(48_000.0))?;
//! let common = curves.channels.one(None)?;
//! assert_eq!(common.preamp_db, Some(-6.0));
//! assert!((common.curve.at_db(1000.0) - 6.0).abs() < 0.05);
//! # Ok::<(), erbium_curve::Error>(())
//! ```

mod channels;
mod curve;
mod decode;
pub mod export;
mod filter;
pub mod hearing;
mod number;
mod report;
mod settings;
mod table;
pub mod target;

pub use channels::{ChannelChoice, ChannelCurve, Channels, Contents, Curves};
pub use curve::{Curve, OFF_DB, Point};
pub use decode::BYTES_MAX;
pub use filter::{FLOOR_DB, Filter, Response, SAMPLED_WITHIN_DB, Shape, Width, sampled};
pub use report::{Error, ErrorKind, Note};
pub use table::{BOOST_MAX_DB, Purpose};

use report::Notes;

/// What a file does not say itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The sampling rate in hertz at which filters work.
    pub sample_rate_hz: f64,
    /// What sound pressure levels are for. Without it, a file of levels is a question,
    /// [`ErrorKind::AsksPurpose`].
    pub purpose: Option<Purpose>,
}

impl Options {
    /// At a sampling rate in hertz, without a purpose for levels.
    #[must_use]
    pub const fn at(sample_rate_hz: f64) -> Self {
        Self { sample_rate_hz, purpose: None }
    }
}

/// Reads a file.
///
/// # Errors
/// Where there is no curve in it, or one that would not be what the file says.
///
/// # Panics
/// When the sampling rate is not above 2 Hz.
pub fn read(bytes: &[u8], options: &Options) -> Result<Curves, Error> {
    assert!(options.sample_rate_hz > 2.0, "{} Hz is no sampling rate", options.sample_rate_hz);
    let text = decode::decode(bytes)?;
    let lines = decode::lines(&text);
    let mut notes = Notes::default();
    let (channels, contents) = match settings::statements(&lines, &mut notes)? {
        Some(statements) => {
            if options.purpose.is_some() {
                notes.add(
                    None,
                    "these are settings of an equaliser, no measurement, and are used as they are",
                );
            }
            settings::evaluate(&statements, options.sample_rate_hz, &mut notes)?
        }
        None => table::read(&lines, table::Values::Gains(options.purpose), &mut notes)?,
    };
    Ok(Curves { channels, contents, notes: notes.finish() })
}

/// Reads one filter in the words of Equalizer APO, such as `PK Fc 1000 Hz Gain 3 dB Q 1.41`; `None` where it
/// changes no gain.
///
/// # Errors
/// Where it is none, or one that is not read.
pub fn read_filter(words: &str) -> Result<Option<Filter>, Error> {
    settings::filter(words, &mut Notes::default())
}

/// What can be read, in words.
const POSSIBLE: &str = "possible: a line \"Hz dB\" for each point, \"GraphicEQ: Hz dB; Hz dB; …\", or \
                        \"Filter: ON PK Fc 1000 Hz Gain 3 dB Q 1.41\"";
