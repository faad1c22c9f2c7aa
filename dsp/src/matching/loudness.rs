//! How much each frequency counts for loudness.

/// The shelf of the K-weighting: its centre in hertz, gain, gain in the middle and Q.
const SHELF: (f64, f64, f64, f64) =
    (1_681.974_450_955_533, 1.584_864_701_130_855, 1.258_720_930_232_562, 0.707_175_236_955_419_6);

/// The high-pass of the K-weighting: its corner in hertz and Q.
const HIGH_PASS: (f64, f64) = (38.135_470_876_024_44, 0.500_327_037_323_877_3);

/// The K-weighting of ITU-R BS.1770-4 at a frequency in hertz, as a factor of power: its shelf and its high-pass
/// before they are made digital.
#[must_use]
pub fn k_weighting(hz: f64) -> f64 {
    // |b₂ s² + b₁ s + b₀|² at s = i x.
    let square = |x: f64, b2: f64, b1: f64, b0: f64| (b0 - b2 * x * x).powi(2) + (b1 * x).powi(2);
    let (centre_hz, high, middle, q) = SHELF;
    let x = hz / centre_hz;
    let shelf = square(x, high, middle / q, 1.0) / square(x, 1.0, 1.0 / q, 1.0);
    let (corner_hz, q) = HIGH_PASS;
    let x = hz / corner_hz;
    shelf * square(x, 1.0, 0.0, 0.0) / square(x, 1.0, 1.0 / q, 1.0)
}

#[cfg(test)]
mod tests {
    use super::k_weighting;

    /// From the digital filters that BS.1770-4 tabulates for 48 kHz, without the constant factor of its high-pass.
    #[test]
    fn it_is_that_of_the_standard() {
        let taps = |b: [f64; 3], a: [f64; 2], hz: f64| {
            let w = std::f64::consts::TAU * hz / 48_000.0;
            let square = |c: [f64; 3]| {
                let re = c[0] + c[1] * w.cos() + c[2] * (2.0 * w).cos();
                let im = c[1] * w.sin() + c[2] * (2.0 * w).sin();
                re * re + im * im
            };
            square(b) / square([1.0, a[0], a[1]])
        };
        let shelf_b = [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85];
        let shelf_a = [-1.690_659_293_182_41, 0.732_480_774_215_85];
        let high_pass_a = [-1.990_047_454_833_98, 0.990_072_250_366_21];
        for hz in [20.0, 50.0, 100.0, 400.0, 1000.0, 2000.0, 5000.0, 10_000.0] {
            let expected = taps(shelf_b, shelf_a, hz) * taps([1.0, -2.0, 1.0], high_pass_a, hz);
            let off_db = 10.0 * (k_weighting(hz) / expected).log10();
            assert!(off_db.abs() < 0.1, "{off_db} dB at {hz} Hz");
        }
        let gain_db = |hz| 10.0 * f64::log10(k_weighting(hz));
        assert!((gain_db(20_000.0) - 4.0).abs() < 0.1 && gain_db(0.1) < -80.0);
    }
}
