//! Second-order equaliser filters and their responses.

mod sampling;

pub use sampling::{SAMPLED_WITHIN_DB, sampled};

/// The lowest response in dB: deeper notches and the zero of a low pass at half the sampling rate
/// are as deep as this.
pub const FLOOR_DB: f64 = -120.0;

/// What a filter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A peak or, with a negative gain, a dip.
    Peak,
    /// The gain below the frequency.
    LowShelf,
    /// The gain above the frequency.
    HighShelf,
    /// 12 dB an octave above the frequency.
    LowPass,
    /// 12 dB an octave below the frequency.
    HighPass,
    /// 6 dB an octave above the frequency; it has no width.
    LowPassFirstOrder,
    /// 6 dB an octave below the frequency; it has no width.
    HighPassFirstOrder,
    /// 0 dB at the frequency, 6 dB an octave to either side.
    BandPass,
    /// Nothing of the frequency.
    Notch,
}

/// How wide or how steep a filter is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// The quality factor.
    Q(f64),
    /// The bandwidth in octaves between the points of half the gain in dB, or of −3 dB.
    Octaves(f64),
    /// The slope S of a shelf: 1 is the steepest that is monotonic, close to 12 dB an octave.
    Slope(f64),
}

/// A filter as equalisers' settings give it.
///
/// The responses are those of Robert Bristow-Johnson's [Audio EQ Cookbook][1]: analogue prototypes,
/// carried over by the bilinear transform with the frequency kept in place.
///
/// [1]: https://www.w3.org/TR/audio-eq-cookbook/
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filter {
    /// What it does.
    pub shape: Shape,
    /// Its frequency in hertz.
    pub hz: f64,
    /// Its gain in dB; only peaks and shelves have one.
    pub gain_db: f64,
    /// Its width.
    pub width: Width,
    /// Whether a shelf's frequency is its corner, near which it begins, as in Equalizer APO's `LS` and
    /// `HS`, instead of its middle, where it has half its gain in dB.
    pub is_corner: bool,
}

impl Filter {
    /// A filter whose frequency is its middle.
    #[must_use]
    pub const fn new(shape: Shape, hz: f64, gain_db: f64, width: Width) -> Self {
        Self { shape, hz, gain_db, width, is_corner: false }
    }

    /// The frequency in hertz that the cookbook's forms take. That of a corner is moved by
    /// 10^(|gain| / 80 / S), as [Equalizer APO][1] does after a Behringer DCX2496.
    ///
    /// [1]: https://sourceforge.net/p/equalizerapo/wiki/Configuration%20reference/
    #[must_use]
    pub fn middle_hz(&self) -> f64 {
        let a = self.amplitude();
        let slope = match self.width {
            Width::Slope(slope) => slope,
            Width::Q(q) => 1.0 / ((1.0 / (q * q) - 2.0) / (a + 1.0 / a) + 1.0),
            Width::Octaves(_) => return self.hz,
        };
        let factor = 10.0_f64.powf(self.gain_db.abs() / 80.0 / slope);
        match self.shape {
            Shape::LowShelf if self.is_corner => self.hz * factor,
            Shape::HighShelf if self.is_corner => self.hz / factor,
            _ => self.hz,
        }
    }

    /// The response at a sampling rate in hertz. A filter at or above half that rate has the response
    /// it has at a multiple of it.
    #[must_use]
    pub fn response(&self, sample_rate_hz: f64) -> Response {
        let middle_hz = self.middle_hz();
        let mut rate_hz = sample_rate_hz;
        if middle_hz >= sample_rate_hz / 2.0 {
            while rate_hz.is_finite() && middle_hz > rate_hz / 4.0 {
                rate_hz *= 2.0;
            }
        }
        let middle = std::f64::consts::PI * middle_hz / rate_hz;
        let (numerator, denominator) = self.prototype(self.q(2.0 * middle));
        Response { numerator, denominator, middle: middle.sin_cos(), rate_hz }
    }

    /// The square root of the gain.
    fn amplitude(&self) -> f64 {
        10.0_f64.powf(self.gain_db / 40.0)
    }

    /// The quality factor of the prototype, for a frequency in radians a sample.
    fn q(&self, omega: f64) -> f64 {
        let a = self.amplitude();
        match self.width {
            Width::Q(q) => q,
            Width::Octaves(octaves) => {
                let half = std::f64::consts::LN_2 / 2.0 * octaves * omega / omega.sin();
                0.5 / half.sinh()
            }
            Width::Slope(slope) => ((a + 1.0 / a) * (1.0 / slope - 1.0) + 2.0).sqrt().recip(),
        }
    }

    /// Numerator and denominator in powers of s, lowest first, where s is 1 at the frequency.
    fn prototype(&self, q: f64) -> ([f64; 3], [f64; 3]) {
        let a = self.amplitude();
        let root = a.sqrt() / q;
        let resonant = [1.0, 1.0 / q, 1.0];
        match self.shape {
            Shape::Peak => ([1.0, a / q, 1.0], [1.0, 1.0 / (a * q), 1.0]),
            Shape::LowShelf => ([a * a, a * root, a], [1.0, root, a]),
            Shape::HighShelf => ([a, a * root, a * a], [a, root, 1.0]),
            Shape::LowPass => ([1.0, 0.0, 0.0], resonant),
            Shape::HighPass => ([0.0, 0.0, 1.0], resonant),
            Shape::LowPassFirstOrder => ([1.0, 0.0, 0.0], [1.0, 1.0, 0.0]),
            Shape::HighPassFirstOrder => ([0.0, 1.0, 0.0], [1.0, 1.0, 0.0]),
            Shape::BandPass => ([0.0, 1.0 / q, 0.0], resonant),
            Shape::Notch => ([1.0, 0.0, 1.0], resonant),
        }
    }
}

/// The response of a filter at one sampling rate.
#[derive(Clone, Copy, Debug)]
pub struct Response {
    numerator: [f64; 3],
    denominator: [f64; 3],
    /// Sine and cosine of half the frequency in radians a sample.
    middle: (f64, f64),
    rate_hz: f64,
}

impl Response {
    /// The response in dB at a frequency in hertz, no lower than [`FLOOR_DB`].
    #[must_use]
    pub fn db(&self, hz: f64) -> f64 {
        let (sine, cosine) = (std::f64::consts::PI * hz / self.rate_hz).sin_cos();
        // s = j·u/v, which has no infinity at half the rate.
        let (u, v) = (sine * self.middle.1, cosine * self.middle.0);
        let power = |[c0, c1, c2]: [f64; 3]| {
            let real = c0 * v * v - c2 * u * u;
            let imaginary = c1 * u * v;
            real * real + imaginary * imaginary
        };
        // The first-order forms have lost a power of v in both, which vanishes at half the rate.
        let [numerator, denominator] = [power(self.numerator), power(self.denominator)];
        let ratio = if denominator > 0.0 { numerator / denominator } else { self.limit() };
        (10.0 * ratio.log10()).max(FLOOR_DB)
    }

    /// The power response at half the sampling rate, where s is infinite.
    fn limit(&self) -> f64 {
        let highest =
            |c: [f64; 3]| c.iter().rposition(|c| *c != 0.0).map_or((0, 0.0), |k| (k, c[k]));
        let ((top, n), (bottom, d)) = (highest(self.numerator), highest(self.denominator));
        if top < bottom { 0.0 } else { (n / d) * (n / d) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_what_it_says_at_its_frequency_and_far_from_it() {
        let q = Width::Q(1.0);
        let cases = [
            (Filter::new(Shape::Peak, 1000.0, 6.0, q), [0.0, 6.0, 0.0]),
            (Filter::new(Shape::LowShelf, 1000.0, -6.0, q), [-6.0, -3.0, 0.0]),
            (Filter::new(Shape::HighShelf, 1000.0, 6.0, Width::Slope(0.9)), [0.0, 3.0, 6.0]),
            (Filter::new(Shape::LowPass, 1000.0, 0.0, q), [0.0, 0.0, FLOOR_DB]),
            (Filter::new(Shape::HighPass, 1000.0, 0.0, q), [FLOOR_DB, 0.0, 0.0]),
            (Filter::new(Shape::LowPassFirstOrder, 1000.0, 0.0, q), [0.0, -3.0103, FLOOR_DB]),
            (Filter::new(Shape::HighPassFirstOrder, 1000.0, 0.0, q), [FLOOR_DB, -3.0103, 0.0]),
            (Filter::new(Shape::BandPass, 1000.0, 0.0, q), [FLOOR_DB, 0.0, FLOOR_DB]),
            (Filter::new(Shape::Notch, 1000.0, 0.0, q), [0.0, FLOOR_DB, 0.0]),
        ];
        for (filter, expected_db) in cases {
            let response = filter.response(48_000.0);
            for (hz, expected_db) in [0.0, 1000.0, 24_000.0].into_iter().zip(expected_db) {
                let db = response.db(hz);
                assert!((db - expected_db).abs() < 1e-4, "{filter:?} at {hz} Hz: {db}");
            }
        }
    }

    #[test]
    fn a_filter_above_half_the_rate_has_the_response_it_has_at_a_higher_one() {
        let filter = Filter::new(Shape::Peak, 10_000.0, 6.0, Width::Q(1.0));
        let [low, high] = [8000.0, 64_000.0].map(|rate_hz| filter.response(rate_hz));
        for hz in [100.0, 1000.0, 4000.0] {
            assert!((low.db(hz) - high.db(hz)).abs() < 1e-12, "{hz} Hz");
        }
    }

    #[test]
    fn a_corner_is_below_the_middle_of_a_low_shelf() {
        let shelf = Filter {
            is_corner: true,
            ..Filter::new(Shape::LowShelf, 50.0, 7.2, Width::Slope(0.5))
        };
        assert!((shelf.middle_hz() - 50.0 * 10.0_f64.powf(7.2 / 40.0)).abs() < 1e-9);
        let shelf = Filter { shape: Shape::HighShelf, ..shelf };
        assert!((shelf.middle_hz() - 50.0 / 10.0_f64.powf(7.2 / 40.0)).abs() < 1e-9);
    }
}
