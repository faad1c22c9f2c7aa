//! Matrices from the bins of a spectrum to bands, and the conventions by which they are made.

pub mod csound;
pub mod layer;
pub mod log_bands;
pub mod matrix;
pub mod mel;
pub mod voicebox;

pub use matrix::{Filterbank, Matrix};

#[cfg(test)]
mod tests {
    use super::log_bands::{self, LogBandOptions};
    use super::mel::{self, MelOptions};
    use super::voicebox::{self, Bands, Bins, Limits, Quantity, VoiceboxOptions};

    #[test]
    fn numbers_that_leave_no_finite_matrix_are_refused() {
        let bins = Bins { count: 12, step_hz: 1e-309, first_hz: 0.0 };
        let voicebox = VoiceboxOptions {
            bands: Bands::Count(139),
            limits: Limits::Centres,
            high: Some(115.0),
            ..VoiceboxOptions::new(bins, f64::MIN_POSITIVE)
        };
        let bins = Bins::of_fft(32, 16_000.0);
        let near = VoiceboxOptions {
            bands: Bands::Count(1),
            high: Some(1e-310),
            quantity: Quantity::PowerToDensity,
            ..VoiceboxOptions::new(bins, 16_000.0)
        };
        let mel = MelOptions::new(1e-310, 32, 1);
        let low = LogBandOptions { low_hz: 1e-318 / 32.0, ..LogBandOptions::new(1e-318, 32, 1) };
        for (what, refused) in [
            ("bins", voicebox::filterbank(&voicebox)),
            ("limits", voicebox::filterbank(&near)),
            ("mel", mel::filterbank(&mel)),
            ("log", log_bands::filterbank(&low)),
        ] {
            let error = refused.map(|bank| bank.matrix.to_dense()).expect_err(what).to_string();
            assert!(error.contains("possible: finite numbers"), "{what}: {error}");
        }
    }
}
