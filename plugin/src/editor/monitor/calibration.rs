//! What a digital level is in sound pressure: one offset, from a tone of known level or from the
//! microphone's sensitivity.

use anyhow::{Result, ensure};

/// The reference of sound pressure levels in pascals: ISO 1683:2015.
const REFERENCE_PA: f64 = 20e-6;
/// What offsets are possible, in dB.
const OFFSETS_DB: std::ops::RangeInclusive<f32> = -100.0..=300.0;
/// What a tone's level can be, in dB SPL.
pub const TONES_DB: std::ops::RangeInclusive<f32> = 0.0..=200.0;
/// What a microphone's sensitivity can be, in mV/Pa.
pub const SENSITIVITIES_MV_PA: std::ops::RangeInclusive<f32> = 0.001..=10_000.0;
/// What amplitudes a converter's full scale can have, in volts.
pub const FULL_SCALES_V: std::ops::RangeInclusive<f32> = 0.000_1..=1_000.0;
/// The lowest level that a tone can be told by, in dB of full scale: below it there is noise.
const QUIETEST_DB: f32 = -100.0;

/// A calibration that was stored, unless it is impossible. The offset in dB is the sound pressure level
/// of 0 dB of full scale.
#[must_use]
pub fn stored(offset_db: Option<f32>) -> Option<f32> {
    offset_db.filter(|offset_db| OFFSETS_DB.contains(offset_db))
}

/// The offset in dB that makes the level now, in dB of full scale, that of the tone, in dB SPL.
///
/// # Errors
/// When there is no tone, or its level is not possible.
pub fn from_tone(level_dbfs: Option<f32>, tone_db_spl: f32) -> Result<f32> {
    ensure!(
        TONES_DB.contains(&tone_db_spl),
        "the tone's level is {tone_db_spl} dB SPL; possible: {} to {} dB SPL",
        TONES_DB.start(),
        TONES_DB.end()
    );
    let heard = level_dbfs.filter(|level_dbfs| *level_dbfs >= QUIETEST_DB);
    let Some(level_dbfs) = heard else {
        anyhow::bail!("there is no tone; possible: one above {QUIETEST_DB} dB of full scale");
    };
    Ok(tone_db_spl - level_dbfs)
}

/// The offset in dB from a microphone's sensitivity in mV/Pa and the amplitude in volts, at the
/// microphone, of the sine that is 0 dB of full scale (AES17-2020):
///
/// ```text
/// offset = 20 lg (full scale / √2 / sensitivity / 20 µPa)
/// ```
///
/// The root is that of a sine's effective value; the pressure level's reference is that of ISO 1683:2015.
///
/// # Errors
/// When either is not possible.
pub fn from_sensitivity(sensitivity_mv_pa: f32, full_scale_v: f32) -> Result<f32> {
    ensure!(
        SENSITIVITIES_MV_PA.contains(&sensitivity_mv_pa),
        "the sensitivity is {sensitivity_mv_pa} mV/Pa; possible: {} to {} mV/Pa",
        SENSITIVITIES_MV_PA.start(),
        SENSITIVITIES_MV_PA.end()
    );
    ensure!(
        FULL_SCALES_V.contains(&full_scale_v),
        "the full scale is {full_scale_v} V; possible: {} to {} V",
        FULL_SCALES_V.start(),
        FULL_SCALES_V.end()
    );
    let effective_v = f64::from(full_scale_v) / std::f64::consts::SQRT_2;
    let pressure_pa = effective_v / (f64::from(sensitivity_mv_pa) / 1_000.0);
    Ok(crate::cast::single(20.0 * (pressure_pa / REFERENCE_PA).log10()))
}

/// A level in dB of full scale as it reads, with its weighting's letter: of sound pressure where there
/// is an offset.
#[must_use]
pub fn level_text(level_dbfs: f32, offset_db: Option<f32>, letter: &str) -> String {
    let level_db = level_dbfs + offset_db.unwrap_or(0.0);
    let unit = if offset_db.is_some() { "dB SPL" } else { "dBFS" };
    format!("{letter} {level_db:.1} {unit}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_gives_the_offset_that_makes_it_read_as_it_is() {
        assert_eq!(from_tone(Some(-26.0), 94.0).expect("a tone"), 120.0);
        assert_eq!(level_text(-26.0, Some(120.0), "A"), "A 94.0 dB SPL");
        assert_eq!(level_text(-26.0, None, "Z"), "Z −26.0 dBFS");
    }

    #[test]
    fn a_sensitivity_gives_the_pressure_of_full_scale() {
        // An effective volt is 20 Pa at 50 mV/Pa: a million times the reference.
        let offset_db = from_sensitivity(50.0, 2.0_f32.sqrt()).expect("possible");
        assert!((offset_db - 120.0).abs() < 1e-4, "{offset_db}");
        // A pascal is 94 dB (IEC 60942): at a volt to the pascal, an effective volt.
        let offset_db = from_sensitivity(1_000.0, 2.0_f32.sqrt()).expect("possible");
        assert!((offset_db - 93.979).abs() < 1e-3, "{offset_db}");
    }

    #[test]
    fn what_is_impossible_is_named() {
        let said = |result: Result<f32>| result.expect_err("impossible").to_string();
        assert_eq!(
            said(from_tone(None, 94.0)),
            "there is no tone; possible: one above -100 dB of full scale"
        );
        assert!(said(from_tone(Some(-120.0), 94.0)).starts_with("there is no tone"));
        assert!(said(from_tone(Some(-20.0), 300.0)).starts_with("the tone's level is 300 dB SPL;"));
        assert!(said(from_sensitivity(0.0, 1.0)).starts_with("the sensitivity is 0 mV/Pa;"));
        assert!(said(from_sensitivity(50.0, f32::NAN)).starts_with("the full scale is NaN V;"));
        for impossible in [f32::NAN, f32::INFINITY, 1e6, -1e6] {
            assert_eq!(stored(Some(impossible)), None);
        }
        assert_eq!(stored(Some(120.0)), Some(120.0));
    }
}
