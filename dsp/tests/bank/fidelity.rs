//! What is drawn is what is heard: targets against achieved responses.

use erbium_dsp::bank::Responses;
use erbium_dsp::{Bank, BankSpec, Kind, Scale, Sizing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Frequencies from each centre up to the next, the centre included.
const BETWEEN: usize = 8;

/// Kind, scale, bands and latency in milliseconds of the banks tried: both kinds, every scale, few
/// bands and many, short latencies and long.
const BANKS: [(Kind, Scale, usize, f64); 14] = [
    (Kind::Isac, Scale::Erb, 40, 21.0),
    (Kind::Isac, Scale::Erb, 64, 21.0),
    (Kind::Isac, Scale::Erb, 40, 2.0),
    (Kind::Isac, Scale::Erb, 12, 43.0),
    (Kind::Isac, Scale::Mel, 24, 8.0),
    (Kind::Isac, Scale::Bark, 24, 11.0),
    (Kind::Isac, Scale::Log, 24, 16.0),
    (Kind::Isac, Scale::Linear, 32, 4.0),
    (Kind::Gammatone, Scale::Erb, 40, 8.0),
    (Kind::Gammatone, Scale::Erb, 24, 2.0),
    (Kind::Gammatone, Scale::Mel, 32, 21.0),
    (Kind::Gammatone, Scale::Bark, 20, 4.0),
    (Kind::Gammatone, Scale::Log, 20, 43.0),
    (Kind::Gammatone, Scale::Linear, 16, 11.0),
];

static DRAWN: LazyLock<Vec<Drawn>> = LazyLock::new(|| {
    let design = |(kind, scale, bands, ms)| {
        let sizing = Sizing::Latency { ms };
        let spec = BankSpec { kind, scale, bands, sizing, ..BankSpec::default() };
        Drawn::new(Bank::design(&spec).expect("designs"))
    };
    BANKS.into_iter().map(design).collect()
});

/// A bank on which curves are drawn.
struct Drawn {
    bank: Bank,
    responses: Responses,
}

impl Drawn {
    fn new(bank: Bank) -> Self {
        let responses = bank.responses(&frequencies_hz(&bank));
        Self { bank, responses }
    }

    fn name(&self) -> String {
        let spec = self.bank.spec();
        format!("{} {} {} bands {:?}", spec.kind, spec.scale, spec.bands, spec.sizing)
    }

    /// The achieved response in dB, [`BETWEEN`] values per centre, for a curve in dB.
    fn achieved_db(&self, curve_db: &[f64]) -> Vec<f64> {
        let amplitudes: Vec<f64> = curve_db.iter().map(|db| 10.0_f64.powf(db / 20.0)).collect();
        self.achieved(&amplitudes).iter().map(|a| 20.0 * f64::from(*a).max(1e-9).log10()).collect()
    }

    fn achieved(&self, amplitudes: &[f64]) -> Vec<f32> {
        let mut gains = vec![0.0; amplitudes.len()];
        self.bank.solve_gains(&singles(amplitudes), &mut gains);
        let mut response = vec![0.0; BETWEEN * (amplitudes.len() - 1) + 1];
        self.responses.total(&gains, &mut response);
        response
    }
}

#[expect(clippy::cast_possible_truncation)]
fn singles(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("small"))
}

/// From each centre to the next in equal steps of scale units; of hertz, where the scale goes on
/// linearly below its transition frequency.
fn frequencies_hz(bank: &Bank) -> Vec<f64> {
    let (scale, centres_hz) = (bank.spec().scale, bank.centres_hz());
    let spacing_hz = centres_hz[1] - centres_hz[0];
    let between = centres_hz.windows(2).flat_map(|pair| {
        let (low_hz, high_hz) = (pair[0], pair[1]);
        let linear = (high_hz - low_hz - spacing_hz).abs() < 1e-6 * spacing_hz;
        (0..BETWEEN).map(move |n| {
            let part = real(n) / real(BETWEEN);
            if linear || n == 0 {
                return low_hz + part * (high_hz - low_hz);
            }
            let [low, high] = [low_hz, high_hz].map(|hz| scale.units_from_hz(hz));
            scale.hz_from_units(low + part * (high - low))
        })
    });
    between.chain(centres_hz.last().copied()).collect()
}

/// A random curve of slow cosines, in dB: within 12 dB and no more than 3 dB from band to band.
fn smooth_db(bands: usize, random: &mut StdRng) -> Vec<f64> {
    let weights: Vec<f64> =
        (0..=(bands / 8).max(1)).map(|_| random.random_range(-1.0..1.0)).collect();
    let value = |k: usize| {
        let angle = PI * (real(k) + 0.5) / real(bands);
        weights.iter().enumerate().map(|(n, weight)| weight * (angle * real(n)).cos()).sum::<f64>()
    };
    let curve: Vec<f64> = (0..bands).map(value).collect();
    let most = curve.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let slope = curve.windows(2).fold(0.0_f64, |most, pair| most.max((pair[1] - pair[0]).abs()));
    let factor = (12.0 / most).min(3.0 / slope);
    curve.iter().map(|value| factor * value).collect()
}

#[test]
fn smooth_curves_are_met_at_the_centres_and_between() {
    for drawn in DRAWN.iter() {
        let bands = drawn.bank.bands();
        let mut random = StdRng::seed_from_u64(1);
        let (mut at_centres, mut between) = (0.0_f64, 0.0_f64);
        for _ in 0..20 {
            let curve_db = smooth_db(bands, &mut random);
            for (point, achieved_db) in drawn.achieved_db(&curve_db).iter().enumerate() {
                let (k, n) = (point / BETWEEN, point % BETWEEN);
                let next_db = curve_db[(k + 1).min(bands - 1)];
                let drawn_db = curve_db[k] + (next_db - curve_db[k]) * real(n) / real(BETWEEN);
                let error_db = (achieved_db - drawn_db).abs();
                between = between.max(error_db);
                at_centres = at_centres.max(if n == 0 { error_db } else { 0.0 });
            }
        }
        println!("{}: {at_centres:.4} dB at centres, {between:.3} dB between", drawn.name());
        assert!(at_centres <= 0.1, "{}: {at_centres} dB at a centre", drawn.name());
        assert!(between <= 0.5, "{}: {between} dB between centres", drawn.name());
    }
}

#[test]
fn one_band_moves_only_its_neighbours() {
    for drawn in DRAWN.iter() {
        let bands = drawn.bank.bands();
        let (mut far, mut own) = (0.0_f64, 0.0_f64);
        for k in 0..bands {
            for alone_db in [24.0, -24.0] {
                let mut curve_db = vec![0.0; bands];
                curve_db[k] = alone_db;
                let achieved_db = drawn.achieved_db(&curve_db);
                let at = |i: usize| achieved_db[BETWEEN * i];
                let others = (0..bands).filter(|i| i.abs_diff(k) > 2);
                far = others.fold(far, |most, i| most.max(at(i).abs()));
                // Beside the ends a curve and its mirror image are too near to be told apart.
                if k > 1 && k < bands - 2 {
                    own = own.max((at(k) - alone_db).abs());
                }
            }
        }
        println!("{}: {far:.4} dB beyond two bands, own centre off by {own:.2} dB", drawn.name());
        assert!(far <= 0.1, "{}: {far} dB", drawn.name());
        assert!(own <= 1.0, "{}: {own} dB", drawn.name());
    }
}

#[test]
fn a_region_of_three_bands_off_is_silent_in_its_middle() {
    for drawn in DRAWN.iter() {
        let bands = drawn.bank.bands();
        let mut worst = (f64::NEG_INFINITY, 0);
        for k in 2..bands - 2 {
            let mut amplitudes = vec![1.0; bands];
            amplitudes[k - 1..=k + 1].fill(0.0);
            let left = f64::from(drawn.achieved(&amplitudes)[BETWEEN * k]);
            let left_db = 20.0 * left.max(1e-9).log10();
            if left_db > worst.0 {
                worst = (left_db, k);
            }
        }
        println!("{}: {:.1} dB at band {}", drawn.name(), worst.0, worst.1);
        // At 2 ms the scale's upper end has more bands than it has room for: three of them are about as
        // wide as one filter, and no gains make its response touch 0 without changing its sign.
        let dense = drawn.bank.spec().sizing == Sizing::Latency { ms: 2.0 } && bands == 40;
        assert!(
            worst.0 <= if dense { -45.0 } else { -60.0 },
            "{}: {} dB at band {}",
            drawn.name(),
            worst.0,
            worst.1
        );
    }
}

/// An ISAC bank's response is real and does not change its sign, so the phase is that of the delay.
#[test]
fn isac_banks_are_linear_in_phase_for_any_gains() {
    for drawn in DRAWN.iter().filter(|drawn| drawn.bank.spec().kind == Kind::Isac) {
        let bands = drawn.bank.bands();
        let mut random = StdRng::seed_from_u64(2);
        for round in 0..40 {
            let decibels = (0..bands).map(|_| random.random_range(-24.0..24.0) / 20.0);
            let mut gains: Vec<f64> = decibels.map(|bels: f64| 10.0_f64.powf(bels)).collect();
            if round % 4 == 0 {
                gains.iter_mut().for_each(|gain| *gain *= f64::from(random.random_bool(0.8)));
            } else if round % 2 == 1 {
                // As targets of a curve.
                let targets = singles(&gains);
                let mut solved = vec![0.0; bands];
                drawn.bank.solve_gains(&targets, &mut solved);
                gains = solved.iter().map(|gain| f64::from(*gain)).collect();
            }
            let gains = singles(&gains);
            let points = BETWEEN * (bands - 1) + 1;
            let mut response = vec![0.0; points];
            drawn.responses.total(&gains, &mut response);
            let peak = f64::from(response.iter().copied().fold(0.0, f32::max));
            for point in 0..points {
                let (mut re, mut im) = (1.0, 0.0);
                for (k, gain) in gains.iter().enumerate() {
                    let response = drawn.responses.band(k)[point];
                    re += f64::from(response.re) * (f64::from(*gain) - 1.0);
                    im += f64::from(response.im) * (f64::from(*gain) - 1.0);
                }
                // 60 dB below the peak the duals' own sidelobes are all there is.
                let degrees =
                    if re.hypot(im) > 1e-3 * peak { im.atan2(re).to_degrees() } else { 0.0 };
                assert!(degrees.abs() < 0.1, "{} round {round}: {degrees}° of {re}", drawn.name());
            }
        }
    }
}
