//! The built VST3 in hosts that get something wrong: an error or silence, never an abort.

use anyhow::{Result, ensure};
use erbium_tests::isolated::isolated;
use erbium_tests::vst3::{Channels, Instance, Mode, Module, Point, RESULT_OK, Setup, parameter};
use erbium_tests::{prerequisites, signal};

fn module() -> Result<Module> {
    Module::load(&prerequisites::path(prerequisites::VST3))
}

#[test]
fn there_is_no_parameter_after_the_last() -> Result<()> {
    isolated("there_is_no_parameter_after_the_last", false, || {
        let instance = Instance::new(&module()?, Setup::default())?;
        let count = instance.parameter_count();
        ensure!(instance.parameter_info(count - 1).is_ok(), "the last is missing");
        for index in [count, count + 1, -1, i32::MAX, i32::MIN] {
            ensure!(instance.parameter_info(index).is_err(), "there is a parameter {index}");
        }
        Ok(())
    })
}

#[test]
fn a_process_call_before_the_setup_is_an_error() -> Result<()> {
    isolated("a_process_call_before_the_setup_is_an_error", false, || {
        let instance = Instance::new(&module()?, Setup::default())?;
        let all = Channels::agreed(2);
        let (answer, _) = instance.play_block_with(&vec![vec![0.1; 64]; 2], &[], all)?;
        ensure!(answer != RESULT_OK, "it plays without a setup");
        Ok(())
    })
}

#[test]
fn an_impossible_setup_is_an_error() -> Result<()> {
    isolated("an_impossible_setup_is_an_error", false, || {
        let instance = Instance::new(&module()?, Setup::default())?;
        for (sample_size, most, sample_rate_hz) in [
            (1, 512, 48_000.0),
            (0, -1, 48_000.0),
            (0, 512, 0.0),
            (0, 512, -48_000.0),
            (0, 512, f64::NAN),
            (0, 512, f64::INFINITY),
        ] {
            let answer = instance.set_up_with(0, sample_size, most, sample_rate_hz);
            ensure!(
                answer != RESULT_OK,
                "{sample_size}, {most} samples, {sample_rate_hz} Hz are taken"
            );
        }
        // What was wrong before is no hindrance.
        instance.start()
    })
}

#[test]
fn other_channels_than_agreed_are_survived() -> Result<()> {
    isolated("other_channels_than_agreed_are_survived", false, || {
        let module = module()?;
        let input = vec![signal::noise(512, 1); 4];
        for agreed in [1, 2] {
            let instance =
                Instance::started(&module, Setup { channels: agreed, ..Setup::default() })?;
            let pair = &input[..agreed];
            for into in [None, Some(0), Some(1), Some(2), Some(4)] {
                for out in [None, Some(0), Some(1), Some(2), Some(4)] {
                    for null in [None, Some(0), Some(1)] {
                        let channels =
                            Channels { input: into, output: out, null, output_before: f32::NAN };
                        let (_, output) = instance.play_block_with(&input, &[], channels)?;
                        let played = output.iter().take(agreed).flatten();
                        // What is not written to stays NaN, and is the host's.
                        let bad = played.filter(|x| x.is_infinite()).count();
                        ensure!(bad == 0, "{agreed} agreed, {channels:?}: {bad} infinite");
                    }
                }
            }
            // It plays on as if nothing had been, once what came is through.
            instance.stop();
            instance.activate()?;
            let signal: Vec<_> = pair.iter().map(|x| x.repeat(40)).collect();
            let output = instance.play(&signal)?;
            let dry = signal::delayed(&signal[0], instance.latency_samples()?);
            ensure!(signal::first_difference(&output[0], &dry).is_none(), "it is not flat");
        }
        Ok(())
    })
}

#[test]
fn an_input_that_is_not_there_is_silence() -> Result<()> {
    isolated("an_input_that_is_not_there_is_silence", false, || {
        let instance = Instance::started(&module()?, Setup::default())?;
        let input = vec![signal::noise(512, 1); 2];
        for (into, silent) in
            [(None, [true, true]), (Some(0), [true, true]), (Some(1), [false, true])]
        {
            instance.stop();
            instance.activate()?;
            // What the host's buffers hold is no input.
            let channels = Channels { input: into, output_before: 0.25, ..Channels::agreed(2) };
            let mut heard = [false; 2];
            for _ in 0..8 {
                let (answer, output) = instance.play_block_with(&input, &[], channels)?;
                ensure!(answer == RESULT_OK, "{into:?} channels are refused");
                for (heard, output) in heard.iter_mut().zip(&output) {
                    ensure!(output.iter().all(|x| x.is_finite()), "{into:?}: it is not written");
                    *heard |= output.iter().any(|x| *x != 0.0);
                }
            }
            ensure!(heard == silent.map(|silent| !silent), "{into:?} channels: {heard:?} heard");
        }
        Ok(())
    })
}

#[test]
fn a_process_call_while_it_is_not_active_is_survived() -> Result<()> {
    isolated("a_process_call_while_it_is_not_active_is_survived", false, || {
        let instance = Instance::new(&module()?, Setup::default())?;
        instance.set_up(Mode::Offline)?;
        let all = Channels::agreed(2);
        for _ in 0..2 {
            // Before it is active, and after.
            let (_, output) = instance.play_block_with(&vec![vec![0.1; 64]; 2], &[], all)?;
            ensure!(output.iter().flatten().all(|x| !x.is_infinite()), "it plays no numbers");
            instance.activate()?;
            instance.stop();
        }
        Ok(())
    })
}

#[test]
fn a_block_longer_than_declared_is_played() -> Result<()> {
    isolated("a_block_longer_than_declared_is_played", false, || {
        let instance = Instance::started(&module()?, Setup::default())?;
        let input = vec![signal::noise(16_384, 1); 2];
        let output = instance.play_block(&input, &[])?;
        let dry = signal::delayed(&input[0], instance.latency_samples()?);
        ensure!(signal::first_difference(&output[0], &dry).is_none(), "it is not flat");
        Ok(())
    })
}

#[test]
fn a_block_of_nothing_sets_parameters() -> Result<()> {
    isolated("a_block_of_nothing_sets_parameters", false, || {
        let instance = Instance::started(&module()?, Setup::default())?;
        let value = instance.parse("output", "-12 dB")?;
        let points = [Point { parameter: parameter("output"), offset: 0, value }];
        instance.play_block(&[Vec::new(), Vec::new()], &points)?;
        ensure!((instance.value("output") - value).abs() < 1e-4, "the point is lost");
        Ok(())
    })
}

#[test]
fn values_that_are_none_are_refused() -> Result<()> {
    isolated("values_that_are_none_are_refused", false, || {
        let instance = Instance::started(&module()?, Setup::default())?;
        let input = vec![vec![0.1; 512]; 2];
        let before = instance.value("output");
        for playing in [false, true] {
            if playing {
                instance.play_block(&input, &[])?;
            }
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                ensure!(instance.set("output", value).is_err(), "{value} is taken");
                let points = [Point { parameter: parameter("output"), offset: 0, value }];
                instance.play_block(&input, &points)?;
            }
            ensure!(instance.set("no_such_parameter", 0.5).is_err(), "there is another parameter");
            ensure!((instance.value("output") - before).abs() < 1e-9, "it has changed");
        }
        Ok(())
    })
}
