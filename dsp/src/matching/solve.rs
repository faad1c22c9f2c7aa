//! Gains that bring band levels to others.

use super::cells::Cells;
use super::loudness::k_weighting;
use super::{FLOOR_BELOW_LOUDEST_DB, FLOOR_DB};
use crate::Bank;
use crate::bank::Responses;
use crate::cast::{real, single};
use crate::feature::long_term::LongTermSpectrum;

/// The most rounds of the search. Each leaves a third of what is wrong or more, the less the better bands are told
/// apart.
const ROUNDS: usize = 100;

/// Levels this near in dB, as a root mean square, are met.
const MET_DB: f64 = 0.002;

/// How far a gain may be from what the band's own level lacks, in dB: enough for curves that bands resolve. Without a bound
/// gains beside the end of a sound's frequencies swing from one limit to the other.
const APART_DB: f64 = 9.0;

/// The search ends after so many rounds without an improvement.
const PATIENCE: usize = 10;

/// The search goes no further than this in dB.
const SEARCHED_DB: f64 = 59.0;

/// What a sound is to be brought to.
#[derive(Clone, Copy)]
pub enum Reference<'a> {
    /// The levels of another sound.
    Sound(&'a LongTermSpectrum),
    /// The shape of a spectrum: the power density at a frequency in hertz, in any unit; `None` where there is none. Its
    /// level is that of the sound, so that loudness is kept in any case.
    Shape(&'a dyn Fn(f64) -> Option<f64>),
    /// The sound's own levels changed: by so many dB at a frequency in hertz.
    Change(&'a dyn Fn(f64) -> f64),
}

/// How far a match goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatchOptions {
    /// The part of the gains in dB that is taken, 0 to 1.
    pub amount: f64,
    /// The full width at half the height, in units of the bank's scale, of the bell by which gains in dB are averaged
    /// over bands; 0 leaves them as they are.
    pub smoothing_units: f64,
    /// The largest gain either way, in dB.
    pub range_db: f64,
    /// Whether the output shall be as loud as the input, by the K-weighting of ITU-R BS.1770-4 without its gate.
    pub keeps_loudness: bool,
}

impl Default for MatchOptions {
    fn default() -> Self {
        Self { amount: 1.0, smoothing_units: 0.0, range_db: 24.0, keeps_loudness: false }
    }
}

/// What a band's level lacks to that of the reference, in dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelDifference {
    /// Of the sound as it is.
    pub before_db: f64,
    /// Of the sound with the gains found.
    pub after_db: f64,
}

/// What was found for a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatchedBand {
    /// The gain at its centre in dB, to be drawn.
    pub gain_db: f64,
    /// `None` where there is no signal, in either of both: such a band stays at 0 dB.
    pub difference: Option<LevelDifference>,
}

/// Gains for the bands of a bank, one for each, that bring a sound to a reference. The sample rate of the bank is that of
/// the sound; that of a reference may be another.
#[must_use]
pub fn match_bands(
    bank: &Bank,
    input: &LongTermSpectrum,
    reference: Reference<'_>,
    options: &MatchOptions,
) -> Vec<MatchedBand> {
    let keeps_loudness = options.keeps_loudness || matches!(reference, Reference::Shape(_));
    let mut matching = Matching::new(bank, input, reference);
    if keeps_loudness {
        matching.align();
    }
    let curve_db = matching.smooth(&matching.solve(), options.smoothing_units);
    let curve_db: Vec<f64> = curve_db.into_iter().map(|db| db * options.amount).collect();
    let gains_db = matching.limit(&curve_db, options.range_db, keeps_loudness);
    let before_db = matching.differences_db(&matching.powers);
    let after_db = matching.differences_db(&matching.equalised(&gains_db));
    let differences = before_db.into_iter().zip(after_db);
    let band = |((gain_db, has_signal), (before_db, after_db)): ((f64, bool), (f64, f64))| {
        let difference = has_signal.then_some(LevelDifference { before_db, after_db });
        MatchedBand { gain_db, difference }
    };
    gains_db.into_iter().zip(matching.has_signal).zip(differences).map(band).collect()
}

/// A sound and a reference, cell by cell.
struct Matching<'a> {
    bank: &'a Bank,
    responses: Responses,
    /// The sound's.
    powers: Vec<f64>,
    /// The reference's.
    wanted: Vec<f64>,
    /// What each cell counts for loudness.
    loudness: Vec<f64>,
    has_signal: Vec<bool>,
}

impl<'a> Matching<'a> {
    fn new(bank: &'a Bank, input: &LongTermSpectrum, reference: Reference<'_>) -> Self {
        let cells = Cells::new(bank.spec().scale, bank.centres_hz());
        let middles_hz = cells.middles_hz();
        let mut powers = cells.powers(input);
        let mut wanted = match reference {
            Reference::Sound(sound) => cells.powers(sound),
            Reference::Shape(density) => cells.powers_of_density(density),
            Reference::Change(change_db) => {
                let change = |(hz, power): (&f64, &f64)| power * power_of_db(change_db(*hz));
                middles_hz.iter().zip(&powers).map(change).collect()
            }
        };
        let other_hz = match reference {
            Reference::Sound(sound) => sound.sample_rate_hz(),
            _ => f64::INFINITY,
        };
        let limit_hz = 0.5 * input.sample_rate_hz().min(other_hz);
        let is_known = |hz: f64| match reference {
            Reference::Shape(density) => hz <= limit_hz && density(hz).is_some(),
            _ => hz <= limit_hz,
        };
        // Both are compared where both are known.
        for (cell, _) in middles_hz.iter().enumerate().filter(|(_, hz)| !is_known(**hz)) {
            (powers[cell], wanted[cell]) = (0.0, 0.0);
        }
        let in_sound = above_floor(&Cells::bands(&powers));
        let in_reference = match reference {
            Reference::Sound(_) => above_floor(&Cells::bands(&wanted)),
            _ => vec![true; in_sound.len()],
        };
        let has_signal = bank.centres_hz().iter().zip(in_sound).zip(in_reference);
        let has_signal = has_signal.map(|((hz, a), b)| is_known(*hz) && a && b).collect();
        let loudness = middles_hz.iter().map(|hz| k_weighting(*hz)).collect();
        let responses = bank.responses(middles_hz);
        Self { bank, responses, powers, wanted, loudness, has_signal }
    }

    /// Makes the reference as loud as the sound.
    fn align(&mut self) {
        let factor = self.loudness(&self.powers) / self.loudness(&self.wanted);
        if factor.is_finite() {
            self.wanted.iter_mut().for_each(|power| *power *= factor);
        }
    }

    fn loudness(&self, powers: &[f64]) -> f64 {
        powers.iter().zip(&self.loudness).map(|(power, weight)| power * weight).sum()
    }

    /// The sound's powers after gains in dB at the centres.
    fn equalised(&self, gains_db: &[f64]) -> Vec<f64> {
        let targets: Vec<f32> = gains_db.iter().map(|db| single(power_of_db(*db).sqrt())).collect();
        let mut gains = vec![0.0; targets.len()];
        self.bank.solve_gains(&targets, &mut gains);
        let mut amplitudes = vec![0.0; self.powers.len()];
        self.responses.total(&gains, &mut amplitudes);
        let cells = self.powers.iter().zip(amplitudes);
        cells.map(|(power, amplitude)| power * f64::from(amplitude).powi(2)).collect()
    }

    /// What bands with these powers lack to the reference in dB; 0 where there is no signal.
    fn differences_db(&self, powers: &[f64]) -> Vec<f64> {
        let [given, wanted] = [powers, &self.wanted].map(Cells::bands);
        let bands = given.iter().zip(wanted).zip(&self.has_signal);
        let difference = |((given, wanted), has_signal): ((&f64, f64), &bool)| match has_signal {
            true => db_of_power(wanted / given),
            false => 0.0,
        };
        bands.map(difference).collect()
    }

    /// The gains in dB with which all levels are met. What a band lacks is given to its own gain, again and again: as
    /// levels are means of what gains around make of them, this ends where they are met, and leaves alone what no
    /// level depends on.
    fn solve(&self) -> Vec<f64> {
        let lacking_at_first_db = self.differences_db(&self.powers);
        let mut gains_db = vec![0.0; self.has_signal.len()];
        let (mut best, mut best_db, mut without_gain) = (gains_db.clone(), f64::INFINITY, 0);
        for _ in 0..ROUNDS {
            let lacking_db = self.differences_db(&self.equalised(&self.continued(&gains_db)));
            let rms_db = root_mean_square(&lacking_db);
            without_gain += 1;
            if rms_db < best_db {
                (best_db, without_gain) = (rms_db, 0);
                best.clone_from(&gains_db);
            }
            if best_db < MET_DB || without_gain > PATIENCE {
                break;
            }
            let levels = lacking_at_first_db.iter().zip(lacking_db);
            for (gain_db, (at_first_db, lacking_db)) in gains_db.iter_mut().zip(levels) {
                let (low_db, high_db) = (at_first_db - APART_DB, at_first_db + APART_DB);
                *gain_db =
                    (*gain_db + lacking_db).clamp(low_db, high_db).clamp(-SEARCHED_DB, SEARCHED_DB);
            }
        }
        best
    }

    /// Gains with those of bands without signal as if the curve went on there, straight from band to band: or the bands
    /// beside them would make up for a curve that falls to 0 dB.
    fn continued(&self, gains_db: &[f64]) -> Vec<f64> {
        let known: Vec<usize> = (0..gains_db.len()).filter(|band| self.has_signal[*band]).collect();
        let gain_db = |band: usize| {
            let after = known.partition_point(|known| *known <= band);
            match (after.checked_sub(1).map(|before| known[before]), known.get(after)) {
                (Some(low), Some(&high)) => {
                    let share = real(band - low) / real(high - low);
                    share.mul_add(gains_db[high] - gains_db[low], gains_db[low])
                }
                (Some(only), None) | (None, Some(&only)) => gains_db[only],
                (None, None) => 0.0,
            }
        };
        (0..gains_db.len()).map(gain_db).collect()
    }

    /// Gains averaged over the scale. Bands without signal count as 0 dB, so that gains go over to them smoothly.
    fn smooth(&self, gains_db: &[f64], width_units: f64) -> Vec<f64> {
        if width_units <= 0.0 {
            return gains_db.to_vec();
        }
        let units: Vec<f64> = self
            .bank
            .centres_hz()
            .iter()
            .map(|hz| self.bank.spec().scale.units_from_hz(*hz))
            .collect();
        let bell = |away: f64| (-4.0 * std::f64::consts::LN_2 * (away / width_units).powi(2)).exp();
        let smooth = |(at, has_signal): (&f64, &bool)| {
            let weights = || units.iter().map(|other| bell(other - at));
            let sum: f64 = weights().zip(gains_db).map(|(weight, db)| weight * db).sum();
            if *has_signal { sum / weights().sum::<f64>() } else { 0.0 }
        };
        units.iter().zip(&self.has_signal).map(smooth).collect()
    }

    /// A curve within a range in dB; where loudness is kept, moved up or down as far as that takes.
    fn limit(&self, curve_db: &[f64], range_db: f64, keeps_loudness: bool) -> Vec<f64> {
        let moved = |by_db: f64| -> Vec<f64> {
            let bands = curve_db.iter().zip(&self.has_signal);
            let moved = |(db, has_signal): (&f64, &bool)| match has_signal {
                true => (db + by_db).clamp(-range_db, range_db),
                false => 0.0,
            };
            bands.map(moved).collect()
        };
        let before = self.loudness(&self.powers);
        let mut by_db = 0.0;
        for _ in 0..ROUNDS {
            let louder_db = db_of_power(self.loudness(&self.equalised(&moved(by_db))) / before);
            if !keeps_loudness || !louder_db.is_finite() || louder_db.abs() < MET_DB {
                break;
            }
            by_db = (by_db - louder_db).clamp(-SEARCHED_DB, SEARCHED_DB);
        }
        moved(by_db)
    }
}

/// Which bands are above the floor.
fn above_floor(powers: &[f64]) -> Vec<bool> {
    let loudest = powers.iter().copied().fold(0.0, f64::max);
    let floor = power_of_db(FLOOR_DB).max(loudest * power_of_db(-FLOOR_BELOW_LOUDEST_DB));
    powers.iter().map(|power| *power > floor).collect()
}

fn power_of_db(db: f64) -> f64 {
    10.0_f64.powf(0.1 * db)
}

fn db_of_power(power: f64) -> f64 {
    10.0 * power.log10()
}

fn root_mean_square(values: &[f64]) -> f64 {
    (values.iter().map(|value| value * value).sum::<f64>() / real(values.len().max(1))).sqrt()
}
