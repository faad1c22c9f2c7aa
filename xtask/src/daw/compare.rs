//! Comparing what a DAW exported, frame by frame.

use anyhow::{Context, Result, bail, ensure};
use std::ops::Range;
use std::path::Path;

/// The furthest that a sound is looked for where it is not where it belongs.
const MOST_LAG: isize = 4_096;

/// A stereo sound.
pub struct Sound {
    pub rate_hz: u32,
    pub frames: Vec<[f32; 2]>,
}

/// Reads a stereo WAV, of 32-bit floats or of 16 or 24 bits.
pub fn read(path: &Path) -> Result<Sound> {
    let what = || format!("cannot read {}", path.display());
    let mut reader = hound::WavReader::open(path).with_context(what)?;
    let spec = reader.spec();
    ensure!(spec.channels == 2, "{} is not stereo", path.display());
    let samples: Vec<f32> = match (spec.sample_format, spec.bits_per_sample) {
        (hound::SampleFormat::Float, 32) => reader.samples().collect::<Result<_, _>>(),
        (hound::SampleFormat::Int, bits @ (16 | 24)) => {
            let one = f64::from(1 << (bits - 1));
            #[expect(clippy::cast_possible_truncation, reason = "24 bits fit into a float")]
            let scaled = |sample: i32| (f64::from(sample) / one) as f32;
            reader.samples().map(|sample| sample.map(scaled)).collect::<Result<_, _>>()
        }
        (_, bits) => bail!("{} has samples of {bits} bits, not 16 or 24", path.display()),
    }
    .with_context(what)?;
    Ok(Sound { rate_hz: spec.sample_rate, frames: samples.as_chunks().0.to_vec() })
}

/// # Errors
/// Where the sounds are not the same bit for bit: where and how much they differ, and the lag at which they
/// do not.
pub fn ensure_equal(heard: &[[f32; 2]], wanted: &[[f32; 2]]) -> Result<()> {
    ensure!(heard.len() == wanted.len(), "it has {} frames, not {}", heard.len(), wanted.len());
    let Some(range) = differing(heard, wanted) else { return Ok(()) };
    let lag = (-MOST_LAG..=MOST_LAG).find(|&lag| equal_at(heard, wanted, lag));
    let lag = lag.map_or_else(String::new, |lag| format!("; it is equal {lag} frames later"));
    bail!(
        "frames {} to {} differ, by {:.1} dB of it{lag}",
        range.start,
        range.end - 1,
        apart_db(heard, wanted, wanted)
    );
}

/// From the first frame that differs to the last, if any does.
pub fn differing(a: &[[f32; 2]], b: &[[f32; 2]]) -> Option<Range<usize>> {
    let differs = |(a, b): (&[f32; 2], &[f32; 2])| a.map(f32::to_bits) != b.map(f32::to_bits);
    let first = a.iter().zip(b).position(differs)?;
    let last = a.iter().zip(b).rposition(differs)?;
    Some(first..last + 1)
}

fn equal_at(heard: &[[f32; 2]], wanted: &[[f32; 2]], lag: isize) -> bool {
    let skip = |lag: isize| usize::try_from(lag).unwrap_or(0);
    let (heard, wanted) = (heard.iter().skip(skip(lag)), wanted.iter().skip(skip(-lag)));
    // Silence equals silence at any lag.
    let mut sounds = false;
    let equal = heard.zip(wanted).all(|(heard, wanted)| {
        sounds |= *wanted != [0.0; 2];
        heard == wanted
    });
    equal && sounds
}

/// The level of the difference of two sounds beside a reference, in dB; minus infinity where they are equal.
pub fn apart_db(a: &[[f32; 2]], b: &[[f32; 2]], reference: &[[f32; 2]]) -> f64 {
    let difference = |(a, b): (&[f32; 2], &[f32; 2])| {
        [0, 1].map(|channel| f64::from(a[channel]) - f64::from(b[channel]))
    };
    10.0 * (power(a.iter().zip(b).map(difference))
        / power(reference.iter().map(|frame| frame.map(f64::from))))
    .log10()
}

/// What a comes with beside b, in double precision: the change that gains make, as a reference.
pub fn change(a: &[[f32; 2]], b: &[[f32; 2]]) -> Vec<[f32; 2]> {
    a.iter().zip(b).map(|(a, b)| [a[0] - b[0], a[1] - b[1]]).collect()
}

fn power(frames: impl Iterator<Item = [f64; 2]>) -> f64 {
    frames.map(|[left, right]| left * left + right * right).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What repeats nowhere.
    fn sound() -> Vec<[f32; 2]> {
        let mut state = 1_u32;
        let mut sample = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from_bits(0x3F80_0000 | state >> 9) - 1.5
        };
        (0..20_000).map(|_| [sample(), sample()]).collect()
    }

    fn message(heard: &[[f32; 2]]) -> String {
        ensure_equal(heard, &sound()).expect_err("it is another").to_string()
    }

    #[test]
    fn equal_sounds_are_equal_and_silence_has_no_lag() {
        ensure_equal(&sound(), &sound()).expect("the same");
        let mut heard = vec![[0.0; 2]; 100];
        heard[50] = [1.0; 2];
        let error = ensure_equal(&heard, &[[0.0; 2]; 100]).expect_err("a click");
        assert!(error.to_string().starts_with("frames 50 to 50 differ, by inf dB"), "{error}");
        assert!(!error.to_string().contains("later"), "{error}");
    }

    #[test]
    fn a_shift_a_last_bit_and_a_missing_frame_are_seen() {
        let mut late = sound();
        late.rotate_right(3);
        late[..3].fill([0.0; 2]);
        assert!(message(&late).ends_with("it is equal 3 frames later"), "{}", message(&late));
        let mut early = sound();
        early.rotate_left(1);
        *early.last_mut().expect("not empty") = [0.0; 2];
        // What the end lost is not in either.
        early.truncate(19_999);
        assert_eq!(message(&early), "it has 19999 frames, not 20000");
        let mut other = sound();
        other[7][1] = f32::from_bits(other[7][1].to_bits() ^ 1);
        assert!(message(&other).starts_with("frames 7 to 7 differ, by -1"), "{}", message(&other));
    }

    #[test]
    fn levels_are_beside_the_reference() {
        let half: Vec<_> = sound().iter().map(|frame| frame.map(|sample| 0.5 * sample)).collect();
        assert!((apart_db(&half, &sound(), &sound()) + 6.0206).abs() < 1e-3);
        assert!(apart_db(&half, &half, &sound()).is_infinite());
        assert_eq!(differing(&half, &sound()), Some(0..20_000));
    }
}
