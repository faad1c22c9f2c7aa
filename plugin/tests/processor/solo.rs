//! A band played solo.

use crate::support::*;
use erbium::state::params::{MAX_BANDS, OFF_DB, Settings, linear_gain};
use erbium_dsp::Bank;
use erbium_dsp::stream::Engine;
use std::sync::Arc;

#[test]
fn listening_is_the_bands_own_filter_at_its_gain_and_leaves_no_trace() {
    let mut gains_db = [0.0; MAX_BANDS];
    (gains_db[9], gains_db[10], gains_db[12]) = (12.0, 6.0, OFF_DB);
    let mut settings = Settings { gains_db, mix: 0.5, ..Settings::flat(spec(24)) };
    let input = noise(24_000, 5);
    // The same without anybody listening, through the engine itself.
    let alone = |band: usize, gain: f32| {
        let bank = Arc::new(Bank::design(&spec(24)).expect("a valid bank"));
        let mut engine = Engine::new(bank, 1);
        let mut gains = [0.0; 24];
        gains[band] = gain;
        engine.set_gains(&gains);
        engine.jump_to_gains();
        let mut output = input.clone();
        engine.process(&mut [&mut output]);
        output
    };
    for (band, gain) in [(10, linear_gain(6.0)), (12, 1.0)] {
        let mut rig = Rig::new(settings, 1, LIVE);
        rig.telemetry.set_editor_visible(true);
        rig.telemetry.solo(Some(band));
        let heard = rig.play(&input, &[441]);
        // The ramps are over after the first tenth of a second.
        let differences = heard.iter().zip(alone(band, gain)).skip(4800);
        let worst = differences.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "band {band}: {worst}");
        assert!(heard.iter().skip(4800).any(|sample| sample.abs() > 1e-3), "is heard");

        rig.telemetry.solo(None);
        rig.play(&input, &[441]);
        rig.settings.gains_db = [0.0; MAX_BANDS];
        rig.play(&input, &[441]);
        let after = rig.play(&input, &[441]);
        let latency = rig.processor.latency_samples();
        assert!(same_bits(&after[latency..], &input[..input.len() - latency]), "flat again");
    }
    // A render is what is drawn, and a closed window listens to nothing.
    settings.mix = 1.0;
    let mut expected = Rig::new(settings, 1, LIVE);
    let expected = expected.play(&input, &[441]);
    let mut render = Rig::new(settings, 1, OFFLINE);
    render.telemetry.set_editor_visible(true);
    render.telemetry.solo(Some(3));
    assert!(same_bits(&render.play(&input, &[441]), &expected));
    let mut closed = Rig::new(settings, 1, LIVE);
    closed.telemetry.solo(Some(3));
    assert!(same_bits(&closed.play(&input, &[441]), &expected));
}
