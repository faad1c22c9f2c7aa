//! What statements come to: a curve for each channel.

use super::{Action, Statement, filter_line, graphic, value};
use crate::channels::{ChannelCurve, Channels, Contents};
use crate::curve::Curve;
use crate::filter::{Filter, sampled};
use crate::number::Notation;
use crate::report::{Error, ErrorKind, Notes, quoted};

/// The most filters and the most `GraphicEQ:` lines of a channel: more than anyone makes by hand.
const FILTERS_MAX: usize = 256;
const GRAPHICS_MAX: usize = 64;
/// The most points of `GraphicEQ:` that filters are added to.
const POINTS_MAX: usize = 1 << 14;

/// What a channel passes through.
#[derive(Default)]
struct Chain {
    graphics: Vec<usize>,
    filters: Vec<Filter>,
    preamp_db: Option<f64>,
}

/// The device that settings are for, as long as they are for one.
#[derive(Default)]
struct Devices<'a> {
    now: Option<&'a str>,
    used: Option<&'a str>,
}

impl<'a> Devices<'a> {
    fn set(&mut self, device: &'a str) {
        self.now = (!device.eq_ignore_ascii_case("all") && !device.is_empty()).then_some(device);
    }

    fn take(&mut self, line: usize, notes: &mut Notes) -> Result<(), Error> {
        let Some(now) = self.now else { return Ok(()) };
        match self.used {
            Some(used) if used != now => Err(Error::at(
                ErrorKind::Unsupported,
                line,
                format!(
                    "these settings are for the device {}, others for {}; possible: a file for each",
                    quoted(now),
                    quoted(used)
                ),
            )),
            Some(_) => Ok(()),
            None => {
                self.used = Some(now);
                let device = quoted(now);
                notes.add(Some(line), format!("settings for the device {device} are used for any"));
                Ok(())
            }
        }
    }
}

/// The curves at a sampling rate in hertz.
pub fn evaluate(
    statements: &[Statement<'_>],
    sample_rate_hz: f64,
    notes: &mut Notes,
) -> Result<(Channels, Contents), Error> {
    let mut contents = Contents::default();
    let notation = notation(statements);
    let mut selected = [true; 2];
    let mut devices = Devices::default();
    let mut is_playing = true;
    let mut graphics: Vec<Curve> = Vec::new();
    let mut chains: [Chain; 2] = std::array::from_fn(|_| Chain::default());
    for Statement { line, action } in statements {
        let line = *line;
        match action {
            Action::Channels(channels) => {
                selected = *channels;
                continue;
            }
            Action::Device(device) => {
                devices.set(device);
                continue;
            }
            Action::Playing(playing) => {
                is_playing = *playing;
                continue;
            }
            Action::Inert => continue,
            _ => {}
        }
        if !is_playing {
            notes.add(Some(line), "what is for the stage capture was passed over");
            continue;
        }
        if selected == [false; 2] {
            continue;
        }
        devices.take(line, notes)?;
        let channels = chains.iter_mut().zip(selected).filter(|(_, selected)| *selected);
        let chains = channels.map(|(chain, _)| chain);
        match action {
            Action::Graphic(text) => {
                let curve = graphic::read(text, line, notation)?;
                contents.points += curve.points().len();
                graphics.push(curve);
                chains.for_each(|chain| chain.graphics.push(graphics.len() - 1));
            }
            Action::Preamp(text) => {
                let preamp_db = preamp_db(text, line)?;
                chains.for_each(|chain| *chain.preamp_db.get_or_insert(0.0) += preamp_db);
            }
            Action::Filter(words) => {
                if let Some(filter) = filter_line::read(words, line, notation, notes)? {
                    contents.filters += 1;
                    note_high(&filter, sample_rate_hz, line, notes);
                    chains.for_each(|chain| chain.filters.push(filter));
                }
            }
            _ => {}
        }
    }
    let [left, right] = chains.map(|chain| chain.curve(&graphics, sample_rate_hz, notes));
    Ok((Channels::of([left?, right?]), contents))
}

/// How the numbers of all statements are written.
fn notation(statements: &[Statement<'_>]) -> Notation {
    let (mut frequencies, mut values) = (Vec::new(), Vec::new());
    for statement in statements {
        match &statement.action {
            Action::Graphic(text) => {
                for (hz, gain) in graphic::numbers(text) {
                    frequencies.push(hz.to_owned());
                    values.push(gain.to_owned());
                }
            }
            Action::Preamp(text) => values.push(without_db(text).trim().to_owned()),
            Action::Filter(words) => {
                let (hz, others) = filter_line::numbers(words);
                frequencies.extend(hz);
                values.extend(others);
            }
            _ => {}
        }
    }
    Notation::of(frequencies.iter().map(String::as_str), values.iter().map(String::as_str))
}

fn without_db(text: &str) -> &str {
    let end = text.len().saturating_sub(2);
    let is_unit = text.get(end..).is_some_and(|unit| unit.eq_ignore_ascii_case("db"));
    if is_unit { &text[..end] } else { text }
}

fn preamp_db(text: &str, line: usize) -> Result<f64, Error> {
    let preamp_db = value(without_db(text), line, "Preamp")?;
    if preamp_db.abs() > 300.0 {
        let text = format!("Preamp is {preamp_db} dB; possible: -300 to 300 dB");
        return Err(Error::at(ErrorKind::Malformed, line, text));
    }
    Ok(preamp_db)
}

/// Says that a filter lies above what the sampling rate holds.
fn note_high(filter: &Filter, sample_rate_hz: f64, line: usize, notes: &mut Notes) {
    if filter.middle_hz() >= sample_rate_hz / 2.0 {
        notes.add(
            Some(line),
            format!(
                "a filter at {:.0} Hz is above half the sampling rate, {} Hz; its response below is that of a \
                 higher rate",
                filter.middle_hz(),
                sample_rate_hz / 2.0
            ),
        );
    }
}

impl Chain {
    fn curve(
        self,
        graphics: &[Curve],
        sample_rate_hz: f64,
        notes: &mut Notes,
    ) -> Result<ChannelCurve, Error> {
        let too_many = |given: usize, what: &str, most: usize| {
            let text =
                format!("{given} {what} in one channel are too many; possible: up to {most}");
            Err(Error::new(ErrorKind::TooLarge, text))
        };
        if self.filters.len() > FILTERS_MAX {
            return too_many(self.filters.len(), "filters", FILTERS_MAX);
        }
        if self.graphics.len() > GRAPHICS_MAX {
            return too_many(self.graphics.len(), "GraphicEQ lines", GRAPHICS_MAX);
        }
        let sum = self.graphics.iter().map(|k| &graphics[*k]);
        let sum = sum.fold(None, |sum: Option<Curve>, curve| {
            Some(sum.map_or_else(|| curve.clone(), |sum| sum.plus(curve)))
        });
        let mut curve = sum.unwrap_or_else(Curve::flat);
        if !self.filters.is_empty() {
            let (fewer, error_db) = curve.thinned(POINTS_MAX);
            if error_db > 0.0 {
                let text = format!(
                    "the points of GraphicEQ were thinned to {POINTS_MAX}, within {error_db:.3} dB"
                );
                notes.add(None, text);
            }
            curve = sampled(&self.filters, &fewer, sample_rate_hz);
        }
        Ok(ChannelCurve { curve, preamp_db: self.preamp_db })
    }
}
