//! The built VST3 in hosts that get something wrong: an error or silence, never an abort.

use anyhow::{Result, ensure};
use erbium_tests::isolated::isolated;
use erbium_tests::vst3::RESULT_OK;
use erbium_tests::vst3::{Channels, Instance, Module, Setup};
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
        let all = Channels { input: Some(2), output: Some(2), null: None };
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
                        let channels = Channels { input: into, output: out, null };
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
            let channels = Channels { input: into, output: Some(2), null: None };
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
