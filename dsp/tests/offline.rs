//! Sound worked off in frames, held against the definition in double precision and the live engine.

use erbium_dsp::stream::{AtRest, Engine, EngineOptions, Offline, Vectors};
use erbium_dsp::{Bank, BankSpec, Kind, Quality, Scale, Sizing, UserKernels};
use num_complex::Complex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::{Arc, LazyLock};

/// The default bank of each kind.
static BANKS: LazyLock<[Arc<Bank>; 2]> =
    LazyLock::new(|| [BankSpec::default(), spec(Kind::Gammatone, Scale::Erb, 8.0)].map(design));

fn spec(kind: Kind, scale: Scale, ms: f64) -> BankSpec {
    BankSpec { kind, scale, sizing: Sizing::Latency { ms }, ..BankSpec::default() }
}

fn design(spec: BankSpec) -> Arc<Bank> {
    Arc::new(Bank::design(&spec).expect("designs"))
}

/// The kernels of a designed bank with other strides, their dual learned anew.
fn with_strides(spec: BankSpec, stride: impl Fn(usize) -> usize) -> Arc<Bank> {
    let bank = design(spec);
    let row = |k: usize| {
        let kernel = &bank.analysis_kernels()[k];
        let silence = std::iter::repeat_n(Complex::default(), kernel.offset);
        silence.chain(kernel.taps.iter().copied()).collect()
    };
    let strides: Vec<_> = bank.strides().iter().copied().map(stride).collect();
    let given = UserKernels::new((0..bank.bands()).map(row).collect(), &strides, None);
    let given = given.expect("a frame");
    let bank = Bank::of_kernels(&given, Scale::Erb, 48_000.0, &|| false);
    Arc::new(bank.expect("has a dual"))
}

#[expect(clippy::cast_possible_truncation)]
const fn single(value: f64) -> f32 {
    value as f32
}

fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..samples).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// Gains of up to 12 dB, some bands off and some at unity.
fn gains(bands: usize) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(7);
    let mut gain = |k: usize| match k % 8 {
        0 => 0.0,
        3 => 1.0,
        _ => random.random_range(0.2..4.0),
    };
    (0..bands).map(&mut gain).collect()
}

/// What a bank adds offline, in blocks as long as `cut` says.
fn offline(bank: &Arc<Bank>, input: &[&[f32]], cut: &mut dyn FnMut() -> usize) -> Vec<Vec<f32>> {
    let mut offline = Offline::new(bank.clone(), input.len()).expect("fits in frames");
    offline.set_gains(&gains(bank.bands()));
    played(input, cut, |input, change| offline.process_change(input, change))
}

/// What an engine adds.
fn live(bank: &Arc<Bank>, options: EngineOptions, input: &[&[f32]]) -> Vec<Vec<f32>> {
    let mut engine = Engine::with_options(bank.clone(), input.len(), options);
    engine.set_gains(&gains(bank.bands()));
    engine.jump_to_gains();
    played(input, &mut || 512, |input, change| engine.process_change(input, change))
}

fn played(
    input: &[&[f32]],
    cut: &mut dyn FnMut() -> usize,
    mut process_change: impl FnMut(&[&[f32]], &mut [&mut [f32]]),
) -> Vec<Vec<f32>> {
    let mut change: Vec<_> = input.iter().map(|channel| vec![9.0; channel.len()]).collect();
    let mut start = 0;
    while start < input[0].len() {
        let end = input[0].len().min(start.saturating_add(cut()));
        let heard: Vec<_> = input.iter().map(|channel| &channel[start..end]).collect();
        let mut told: Vec<_> = change.iter_mut().map(|channel| &mut channel[start..end]).collect();
        process_change(&heard, &mut told);
        start = end;
    }
    change
}

/// The same by the definition: a convolution with the collapsed bank, less the delayed input.
fn defined(bank: &Bank, input: &[f32]) -> Vec<f64> {
    let mut filter: Vec<_> =
        bank.collapse(&gains(bank.bands())).into_iter().map(f64::from).collect();
    filter[bank.latency_samples()] -= 1.0;
    let at = |n: usize| {
        let terms = filter.iter().zip(input[..=n].iter().rev());
        terms.map(|(tap, sample)| tap * f64::from(*sample)).sum()
    };
    (0..input.len()).map(at).collect()
}

/// The same with coefficients at strides, and alias.
fn strided(bank: &Bank, input: &[f32]) -> Vec<f64> {
    let mut change = vec![0.0; input.len()];
    let kernels = bank.analysis_kernels().iter().zip(bank.dual_kernels());
    for (k, ((kernel, dual), gain)) in kernels.zip(gains(bank.bands())).enumerate() {
        for moment in (bank.phases()[k]..input.len()).step_by(bank.strides()[k]) {
            let heard = |n: usize| moment.checked_sub(kernel.offset + n).map_or(0.0, |n| input[n]);
            let terms = kernel.taps.iter().enumerate();
            let sum: Complex<f64> = terms.map(|(n, tap)| tap * f64::from(heard(n))).sum();
            let coefficient = sum * (f64::from(gain) - 1.0);
            let sounding = change.iter_mut().skip(moment + dual.offset);
            for (sample, tap) in sounding.zip(&dual.taps) {
                *sample += (coefficient * tap).re;
            }
        }
    }
    change
}

/// The power of a difference against that of what was expected.
fn error_db(found: &[f32], expected: &[f64]) -> f64 {
    let power =
        |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
    let differences =
        found.iter().zip(expected).map(|(found, expected)| f64::from(*found) - expected);
    let ratio = power(&mut { differences }) / power(&mut expected.iter().copied());
    10.0 * ratio.log10()
}

fn bits(sound: &[f32]) -> Vec<u32> {
    sound.iter().map(|sample| sample.to_bits()).collect()
}

#[test]
fn frames_add_what_the_definition_says_and_what_the_live_engine_adds_but_for_its_alias() {
    let high = BankSpec { quality: Quality::High, ..spec(Kind::Gammatone, Scale::Erb, 4.0) };
    let banks = [
        BANKS[0].clone(),
        BANKS[1].clone(),
        design(spec(Kind::Isac, Scale::Bark, 2.0)),
        design(high),
        // A band at 0 Hz, one at Nyquist, and a period of 210.
        with_strides(spec(Kind::Isac, Scale::Linear, 4.0), |stride| [1, 2, 3, 5, 7][stride.min(4)]),
    ];
    for bank in banks {
        let input = noise(20_011, 1);
        let (expected, strided) = (defined(&bank, &input), strided(&bank, &input));
        let found = error_db(&offline(&bank, &[&input], &mut || usize::MAX)[0], &expected);
        let alias = error_db(&strided.iter().map(|s| single(*s)).collect::<Vec<_>>(), &expected);
        let name = format!("{:?}, strides {:?}", bank.spec(), bank.strides());
        println!("{found:.1} dB offline, {alias:.1} dB alias: {name}");
        assert!(found < -140.0, "{found}: {name}");
        for vectors in Vectors::all() {
            let live =
                |at_rest| live(&bank, EngineOptions { vectors, at_rest }, &[&input]).remove(0);
            let streamed = error_db(&live(AtRest::Streamed), &strided);
            let held = error_db(&live(AtRest::Held), &expected);
            println!("{vectors:?}: {streamed:.1} dB streamed, {held:.1} dB as one filter");
            assert!(streamed < -118.0, "{streamed}: {name}, {vectors:?}");
            assert!(held < -130.0, "{held}: {name}, {vectors:?}");
        }
        assert!(alias < -100.0, "{alias}: {name}");
    }
}

#[test]
fn blocks_may_be_cut_anywhere() {
    let input = noise(40_000, 2);
    for bank in BANKS.iter() {
        let expected = defined(bank, &input);
        let mut random = StdRng::seed_from_u64(5);
        let cut = &mut || random.random_range(0..9973) + 1;
        let found = error_db(&offline(bank, &[&input], cut)[0], &expected);
        assert!(found < -140.0, "{found}");
    }
}

#[test]
fn whoever_has_heard_the_memory_goes_on_to_the_bit() {
    for bank in BANKS.iter() {
        let mut offline = Offline::new(bank.clone(), 1).expect("fits in frames");
        offline.set_gains(&gains(40));
        let (frame, tail) = (offline.frame_samples(), offline.tail_samples());
        let input = noise(4 * frame + 77, 3);
        let mut whole = vec![0.0; input.len()];
        offline.process_change(&[&input], &mut [&mut whole]);
        offline.reset();
        let start = 2 * frame;
        offline.preroll(&[&input[start - tail..start]]);
        let mut end = vec![0.0; input.len() - start];
        offline.process_change(&[&input[start..]], &mut [&mut end]);
        assert!(bits(&whole[start..]) == bits(&end), "{}", bank.spec().kind);
    }
}

#[test]
fn a_channel_sounds_the_same_in_any_company() {
    for bank in BANKS.iter() {
        let input = [noise(20_000, 4), noise(20_000, 5), noise(20_000, 6)];
        let three = input.each_ref().map(Vec::as_slice);
        let together = offline(bank, &three, &mut || usize::MAX);
        for (alone, together) in input.iter().zip(&together) {
            let alone = offline(bank, &[alone], &mut || usize::MAX);
            assert!(bits(&alone[0]) == bits(together));
        }
    }
}

#[test]
fn missing_channels_hear_silence_and_are_heard_to_their_end() {
    const SAMPLES: usize = 40_000;
    // How many channels there are, and until when.
    let given = [(3, 9_000), (1, 9_321), (0, 9_400), (2, 23_000), (3, 30_017), (1, SAMPLES)];
    for bank in BANKS.iter() {
        let sounds = [noise(SAMPLES, 14), noise(SAMPLES, 15), noise(SAMPLES, 16)];
        let mut silenced = sounds.clone();
        let mut start = 0;
        for (given, end) in given {
            silenced[given..].iter_mut().for_each(|sound| sound[start..end].fill(0.0));
            start = end;
        }
        let play = |sounds: &[Vec<f32>], all: bool, heard: usize| {
            let mut offline = Offline::new(bank.clone(), 3).expect("fits in frames");
            offline.set_gains(&gains(40));
            let mut change = vec![vec![9.0; SAMPLES]; 3];
            let mut start = 0;
            for (n, (given, end)) in given.into_iter().enumerate() {
                let count = if all { 3 } else { given };
                let input: Vec<_> = sounds[..count].iter().map(|s| &s[start..end]).collect();
                let mut change: Vec<_> = change.iter_mut().map(|c| &mut c[start..end]).collect();
                if n == heard && count > 0 {
                    offline.preroll(&input);
                } else {
                    offline.process_change(&input, &mut change);
                }
                start = end;
            }
            change.iter().map(|change| bits(change)).collect::<Vec<_>>()
        };
        for heard in [usize::MAX, 1, 3] {
            assert!(play(&silenced, true, heard) == play(&sounds, false, heard));
        }
    }
}

#[test]
fn nothing_subnormal_comes_out() {
    for bank in BANKS.iter() {
        for amplitude in [1.0, 1e-20, 1e-24] {
            let mut input = vec![0.0; 60_000];
            input[30_000] = amplitude;
            let change = offline(bank, &[&input], &mut || 7_000).remove(0);
            assert!(change.iter().all(|change| !change.is_subnormal() && change.is_finite()));
        }
    }
}

#[test]
fn flat_settings_and_silence_add_exactly_nothing() {
    for bank in BANKS.iter() {
        let mut offline = Offline::new(bank.clone(), 1).expect("fits in frames");
        let mut change = vec![9.0; 20_000];
        offline.process_change(&[&noise(20_000, 7)], &mut [&mut change]);
        assert!(change.iter().all(|change| *change == 0.0));
        offline.set_gains(&gains(40));
        // Sound and faults in the middle of a long silence.
        let mut input = vec![0.0; 60_000];
        input[25_000..25_100].copy_from_slice(&noise(100, 8));
        input[25_003] = f32::NAN;
        input[25_050] = f32::INFINITY;
        input[25_090] = -f32::MAX;
        offline.reset();
        let mut change = vec![9.0; input.len()];
        offline.process_change(&[&input], &mut [&mut change]);
        let end = 25_100 + offline.tail_samples();
        assert!(change.iter().all(|change| change.abs() < 10.0));
        assert!(change[25_000..end].iter().any(|change| change.abs() > 0.1));
        assert!(change[..25_000].iter().chain(&change[end..]).all(|change| *change == 0.0));
    }
}

#[test]
fn muted_bands_take_the_sound_away_at_the_latency() {
    for bank in BANKS.iter() {
        let mut offline = Offline::new(bank.clone(), 1).expect("fits in frames");
        offline.set_gains(&[0.0; 40]);
        let input = noise(40_000, 9);
        let mut change = vec![0.0; input.len()];
        offline.process_change(&[&input], &mut [&mut change]);
        let taken: Vec<_> = change[10_000..].iter().map(|change| -change).collect();
        let delayed = &input[10_000 - offline.latency_samples()..];
        let delayed: Vec<_> = delayed.iter().copied().map(f64::from).collect();
        let (depth_db, reported_db) = (error_db(&taken, &delayed), bank.report().flat_noise_db);
        // Most of what is reported is alias.
        println!("{depth_db:.1} dB, reported {reported_db:.1} dB");
        assert!(depth_db < reported_db - 5.0, "{depth_db} {reported_db}");
    }
}

#[test]
fn the_rounding_of_a_loud_fault_stays_in_its_frame_and_far_below_it() {
    let bank = &BANKS[0];
    let mut input = noise(60_000, 10);
    let clean = offline(bank, &[&input], &mut || usize::MAX).remove(0);
    input[30_000] = 1e6;
    let loud = offline(bank, &[&input], &mut || usize::MAX).remove(0);
    let frames = Offline::new(bank.clone(), 1).expect("fits in frames");
    let (frame, tail) = (frames.frame_samples(), frames.tail_samples());
    let first = 30_000 / frame * frame;
    // A frame on it hears what was before it.
    let last = (30_000 + tail) / frame * frame + frame;
    assert!(bits(&clean[..first]) == bits(&loud[..first]));
    assert!(bits(&clean[last..]) == bits(&loud[last..]));
    let before = first..30_000;
    let difference = clean[before.clone()].iter().zip(&loud[before]).map(|(a, b)| (a - b).abs());
    assert!(difference.fold(0.0, f32::max) < 0.5, "more than -126 dB of it");
}

#[test]
fn frames_for_very_long_kernels_would_take_too_much_room() {
    let fits = |rate_khz: f64| {
        let spec = spec(Kind::Gammatone, Scale::Erb, 43.0);
        let bank = design(BankSpec { sample_rate_hz: 1000.0 * rate_khz, ..spec });
        Offline::new(bank, 1).is_some()
    };
    assert_eq!([384.0, 768.0].map(fits), [true, false]);
}
