//! Banks that cannot be played: what plays in their place is the same whichever way it was asked for.

use crate::support::*;
use erbium::audio::Processor;
use erbium::state::bank_file::BankFile;
use erbium::state::params::{ErbiumParams, Settings};
use erbium_dsp::{BankSpec, Scale, UserKernels};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn a_refused_bank_leaves_the_old_one_and_is_told() {
    let good = Settings { gains_db: wavy(), ..Settings::flat(spec(24)) };
    let input = noise(30_000, 8);
    let expected = Rig::new(good, 1, OFFLINE).play(&input, &[512]);
    let mut rig = Rig::new(good, 1, OFFLINE);
    let mut output = rig.play(&input[..10_240], &[512]);
    // No host can ask for that: there is no bank near it.
    rig.settings.spec.bands = 3;
    output.extend(rig.play(&input[10_240..], &[512]));
    assert!(same_bits(&output, &expected));
    assert!(rig.telemetry.notice().is_some_and(|notice| notice.contains("possible: 8 to 64")));
}

#[test]
fn a_processor_without_any_bank_passes_sound_on() {
    let refused = BankSpec { sample_rate_hz: 500.0, ..spec(24) };
    let mut processor = Processor::new(Arc::default(), Arc::default());
    let settings = Settings { gains_db: wavy(), ..Settings::flat(refused) };
    assert!(processor.prepare(&settings, 1, LIVE).is_err());
    assert_eq!(processor.latency_samples(), 0);
    let mut samples = [0.25, f32::NAN, -0.5];
    processor.process(&settings, &mut [&mut samples]);
    assert_eq!(samples, [0.25, 0.0, -0.5]);
}

/// Eight bands on the Bark scale, too few to be transparent at high sample rates.
fn coarse(sample_rate_hz: f64) -> BankSpec {
    BankSpec { scale: Scale::Bark, bands: 8, sample_rate_hz, ..BankSpec::default() }
}

/// Plays `asked` as a project that is opened, live, and as a render that comes to it: what plays, how it
/// sounds and what is told have to be the same.
fn assert_same_in_every_path(before: Settings, asked: Settings) {
    let input = noise(60_000, 70);
    let mut opened = Rig::new(asked, 1, OFFLINE);
    let expected = opened.play(&input, &BLOCK_SIZES);
    let played = *opened.telemetry.bank().expect("a bank").spec();
    let notice = opened.telemetry.notice();
    assert_eq!(played == asked.spec, notice.is_none(), "{notice:?}");
    for (k, gain_db) in asked.gains_db.iter().enumerate().take(played.bands) {
        assert_eq!(opened.curve.gain_db(k), *gain_db, "gains reach the bank that plays");
    }

    // Prepared again, as hosts do, nothing changes.
    opened.processor.prepare(&asked, 1, OFFLINE).expect("a bank");
    assert!(same_bits(&opened.play(&input, &BLOCK_SIZES), &expected), "prepared again");
    assert_eq!(opened.telemetry.notice(), notice);

    let mut live = Rig::new(Settings { gains_db: asked.gains_db, ..before }, 1, LIVE);
    live.settings = asked;
    live.curve.load(&opened.curve.drawing());
    let deadline = Instant::now() + Duration::from_secs(120);
    live.play(&input[..512], &[512]);
    while *live.telemetry.bank().expect("a bank").spec() != played {
        assert!(Instant::now() < deadline, "the bank never came");
        live.play(&input[..512], &[512]);
        std::thread::sleep(Duration::from_millis(5));
    }
    // Gains are not held back for a bank that does not come.
    live.settings.gains_db[3] += 2.5;
    live.play(&input[..512], &[512]);
    assert_eq!(live.curve.gain_db(3), live.settings.gains_db[3]);
    live.settings = asked;
    live.play(&input, &[512]);
    live.processor.reset();
    assert!(same_bits(&live.play(&input, &BLOCK_SIZES), &expected), "live");
    assert_eq!(live.telemetry.notice(), notice);

    let mut render = Rig::new(before, 1, OFFLINE);
    render.play(&input[..3_000], &BLOCK_SIZES);
    render.settings = asked;
    render.curve.load(&opened.curve.drawing());
    let output = render.play(&input[3_000..], &BLOCK_SIZES);
    assert_eq!(*render.telemetry.bank().expect("a bank").spec(), played);
    render.processor.reset();
    assert!(output.iter().all(|sample| sample.is_finite()));
    assert!(same_bits(&render.play(&input, &BLOCK_SIZES), &expected), "render");
    assert_eq!(render.telemetry.notice(), notice);
}

#[test]
fn the_nearest_number_of_bands_plays_the_same_in_every_path() {
    let rate_hz = 96_000.0;
    let before = Settings::flat(BankSpec { sample_rate_hz: rate_hz, ..spec(24) });
    let mut asked = Settings::flat(coarse(rate_hz));
    for (k, gain_db) in asked.gains_db.iter_mut().enumerate().take(8) {
        *gain_db = if k % 2 == 0 { 6.0 } else { -9.0 };
    }
    assert_same_in_every_path(before, asked);
}

#[test]
fn a_bank_file_that_cannot_be_played_gives_way_to_the_bank_of_the_parameters() {
    let params = ErbiumParams::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/trained.npz");
    let file = BankFile::read(&path).expect("can be read");
    let kernels = Arc::new(UserKernels::clone(&file.kernels).made_for(16_000.0));
    params.bank_file.load(Some(BankFile { kernels, ..file }));
    let settings = params.settings(48_000.0);
    let asked = Settings { gains_db: wavy(), ..settings };
    assert_ne!(asked.spec, asked.fallback);
    assert_same_in_every_path(Settings::flat(spec(24)), asked);
    let told = Rig::new(asked, 1, LIVE).telemetry.notice().expect("told");
    assert!(told.contains("made for 16000 Hz, not 48000 Hz"), "{told}");
}

#[test]
fn a_host_that_prepares_live_waits_no_longer_than_it_can_and_knows_the_latency() {
    // The highest rate, where a search takes longest.
    let asked = Settings::flat(coarse(384_000.0));
    let start = Instant::now();
    let mut rig = Rig::new(asked, 1, LIVE);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let latency_samples = asked.spec.latency_samples().expect("a latency");
    assert_eq!(rig.processor.latency_samples(), latency_samples);
    // Whether the bank has come or not.
    let input = noise(30_000, 71);
    let output = rig.play(&input, &BLOCK_SIZES);
    assert!(same_bits(&output, &delayed(&input, latency_samples)));
}
