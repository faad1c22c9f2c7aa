//! The built VST3 in a host of ours: automation, values that the host sets, offline mode, states.

use anyhow::{Context, Result, ensure};
use erbium_tests::isolated::isolated;
use erbium_tests::vst3::{Instance, Mode, Module, Point, RESULT_OK, Setup, Stream, parameter};
use erbium_tests::{prerequisites, signal, wav};
use std::path::Path;
use std::time::{Duration, Instant};

/// Other vector instructions round otherwise: see `clap_golden.rs`.
const SAME_DB: f64 = -110.0;
/// As long as the wrapper takes a value from the controller for an echo of the automation.
const ECHO: Duration = Duration::from_millis(250);

fn module() -> Result<Module> {
    Module::load(&prerequisites::path(prerequisites::VST3))
}

fn noise(samples: usize) -> Vec<Vec<f32>> {
    vec![signal::noise(samples, 1), signal::noise(samples, 2)]
}

#[test]
fn it_is_the_plugin_that_projects_know() -> Result<()> {
    let module = module()?;
    let info = module.class_info()?;
    assert_eq!(&info.id, b"ErbiumAuditoryEQ");
    assert_eq!((info.name.as_str(), info.subcategories.as_str()), ("Erbium", "Fx|EQ|Analyzer"));
    let instance = Instance::new(&module, Setup::default())?;
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/parameters.txt");
    let list = std::fs::read_to_string(list)?;
    let mut expected: Vec<_> = list.lines().filter_map(|line| line.split_once(" [")).collect();
    expected.sort_unstable();
    let mut listed = Vec::new();
    for index in 0..instance.parameter_count() {
        let (id, name) = instance.parameter_info(index).map_err(|answer| {
            anyhow::anyhow!("parameter {index} is missing: getParameterInfo answers {answer}")
        })?;
        listed.push(format!("{id} {name}"));
    }
    listed.sort_unstable();
    let expected: Vec<_> = expected.into_iter().map(|(parameter, _)| parameter).collect();
    assert_eq!(listed, expected);
    Ok(())
}

#[test]
fn it_is_mono_and_stereo_and_flat() -> Result<()> {
    let module = module()?;
    for channels in [1, 2] {
        let instance = Instance::started(&module, Setup { channels, ..Setup::default() })?;
        let input = noise(20_000)[..channels].to_vec();
        let output = instance.play(&input)?;
        let latency_samples = instance.latency_samples()?;
        for (input, output) in input.iter().zip(&output) {
            let dry = signal::delayed(input, latency_samples);
            assert_eq!(signal::first_difference(output, &dry), None, "{channels} channels");
        }
    }
    Ok(())
}

/// Chooses a bank that no other test plays, so that it has to be designed, and a gain that is heard.
fn choose_another_bank(instance: &Instance, bands: &str) -> Result<()> {
    let choices = [("scale", "Mel"), ("bands", bands), ("gain_9", "12 dB")];
    let points = choices.map(|(id, text)| -> Result<Point> {
        Ok(Point { parameter: parameter(id), offset: 0, value: instance.parse(id, text)? })
    });
    let points = points.into_iter().collect::<Result<Vec<_>>>()?;
    instance.play_block(&vec![vec![0.0; 512]; 2], &points).map(drop)
}

#[test]
fn offline_is_known_from_the_first_call() -> Result<()> {
    let module = module()?;
    let input = noise(19_200);
    // In the latter half, once the bank has faded in.
    let changed_db = |instance: &Instance| -> Result<f64> {
        let output = instance.play(&input)?;
        let dry = signal::delayed(&input[0], instance.latency_samples()?);
        Ok(signal::difference_db(&output[0][9_600..], &dry[9_600..]))
    };
    for bands in ["37", "38", "39"] {
        let instance = Instance::started(&module, Setup::default())?;
        changed_db(&instance)?;
        choose_another_bank(&instance, bands)?;
        // A plugin that does not know that it may wait plays the bank before until this one is
        // designed, which takes longer than rendering this.
        let first_db = changed_db(&instance)?;
        instance.stop();
        instance.activate()?;
        let second_db = changed_db(&instance)?;
        ensure!(second_db > -30.0, "{bands} bands: the gain is not heard ({second_db:.1} dB)");
        ensure!(
            (first_db - second_db).abs() < 0.1,
            "{bands} bands: {first_db:.2} dB at first, {second_db:.2} dB then"
        );
    }
    Ok(())
}

#[test]
fn every_point_of_a_block_is_heard() -> Result<()> {
    let samples = 16_384;
    let setup = Setup { block_samples: samples, ..Setup::default() };
    let instance = Instance::started(&module()?, setup)?;
    let latency_samples = instance.latency_samples()?;
    let input = vec![vec![0.5; samples]; 2];
    instance.play_block(&input, &[])?;
    let levels_db = [-6.0, 0.0, -12.0, 3.0];
    let part = samples / levels_db.len();
    let mut points = Vec::new();
    for (k, level_db) in levels_db.iter().enumerate() {
        let value = instance.parse("output", &format!("{level_db} dB"))?;
        points.push(Point {
            parameter: parameter("output"),
            offset: i32::try_from(k * part)?,
            value,
        });
    }
    let output = instance.play_block(&input, &points)?;
    for (k, level_db) in levels_db.iter().enumerate() {
        let end = (k + 1) * part - 1;
        let heard_db = signal::db(f64::from(output[0][end]) / 0.5);
        ensure!((heard_db - level_db).abs() < 0.01, "part {k}: {heard_db:.2} dB for {level_db}");
    }
    ensure!(latency_samples > 0, "no latency");
    Ok(())
}

#[test]
fn points_beyond_any_number_end_where_they_should() -> Result<()> {
    // 64 lanes of 128 points: more than there is room for, so that some come at the block's end.
    let instance = Instance::started(&module()?, Setup::default())?;
    let value = |lane: i32, k: i32| 0.5 + 0.4 * f64::from((lane * 7 + k * 3) % 100) / 100.0;
    let mut points = Vec::new();
    for lane in 1..=64 {
        let parameter = parameter(&format!("gain_{lane}"));
        for k in 0..128 {
            points.push(Point { parameter, offset: 4 * k, value: value(lane, k) });
        }
    }
    let start = Instant::now();
    instance.play_block(&vec![vec![0.1; 512]; 2], &points)?;
    println!("8192 points in a block take {:.1} ms", 1e3 * start.elapsed().as_secs_f64());
    for lane in 1..=64 {
        let (is, expected) = (instance.value(&format!("gain_{lane}")), value(lane, 127));
        ensure!((is - expected).abs() < 1e-4, "lane {lane}: {is} for {expected}");
    }
    Ok(())
}

#[test]
fn points_outside_the_block_are_taken_at_its_ends() -> Result<()> {
    let module = module()?;
    let input = vec![vec![0.5; 512]; 2];
    let mut outputs = Vec::new();
    for offset in [0, -5, i32::MIN] {
        let instance = Instance::started(&module, Setup::default())?;
        instance.play_block(&input, &[])?;
        let value = instance.parse("output", "-12 dB")?;
        let points = [Point { parameter: parameter("output"), offset, value }];
        outputs.push(instance.play_block(&input, &points)?);
    }
    for output in &outputs[1..] {
        assert_eq!(signal::first_difference(&output[0], &outputs[0][0]), None);
    }
    let instance = Instance::started(&module, Setup::default())?;
    let value = instance.parse("output", "-12 dB")?;
    let points = [Point { parameter: parameter("output"), offset: 10_000, value }];
    instance.play_block(&input, &points)?;
    ensure!((instance.value("output") - value).abs() < 1e-4, "a point behind the block is lost");
    Ok(())
}

/// How loud the output is where the input is a constant.
fn output_db(instance: &Instance) -> Result<f64> {
    let input = vec![vec![0.5; 9_600]; 2];
    let output = instance.play(&input)?;
    Ok(signal::db(f64::from(output[0][9_599]) / 0.5))
}

/// Whether another instance that loads this one's state has the value.
fn is_in_the_state(module: &Module, instance: &Instance, id: &str, value: f64) -> Result<()> {
    let other = Instance::new(module, Setup::default())?;
    other.load(&instance.save()?)?;
    let stored = other.value(id);
    ensure!((stored - value).abs() < 1e-4, "{stored} is stored for {value}");
    Ok(())
}

#[test]
fn a_value_is_kept_whether_or_not_it_plays() -> Result<()> {
    let module = module()?;
    for mode in [Mode::Realtime, Mode::Offline] {
        // Never set up.
        let instance = Instance::new(&module, Setup { mode, ..Setup::default() })?;
        let value = instance.parse("output", "-12 dB")?;
        instance.set("output", value)?;
        is_in_the_state(&module, &instance, "output", value).context("never set up")?;
        // Said to process, and never called.
        instance.start()?;
        let value = instance.parse("output", "-9 dB")?;
        instance.set("output", value)?;
        ensure!((instance.value("output") - value).abs() < 1e-4, "not shown, never called");
        is_in_the_state(&module, &instance, "output", value).context("never called")?;
        // While it plays, without the change in the process call.
        output_db(&instance)?;
        let value = instance.parse("output", "-6 dB")?;
        instance.set("output", value)?;
        ensure!((instance.value("output") - value).abs() < 1e-4, "not shown while it plays");
        let heard_db = output_db(&instance)?;
        ensure!((heard_db + 6.0).abs() < 0.01, "{heard_db:.2} dB are heard for -6 dB");
        is_in_the_state(&module, &instance, "output", value).context("while it plays")?;
        // Saved before the next block.
        let value = instance.parse("output", "-3 dB")?;
        instance.set("output", value)?;
        is_in_the_state(&module, &instance, "output", value).context("before the next block")?;
        // Stopped before the next block.
        output_db(&instance)?;
        let value = instance.parse("output", "0 dB")?;
        instance.set("output", value)?;
        instance.stop();
        is_in_the_state(&module, &instance, "output", value).context("stopped")?;
    }
    Ok(())
}

#[test]
fn a_state_is_newer_than_what_was_set_before_it() -> Result<()> {
    let module = module()?;
    let stored = Instance::new(&module, Setup::default())?;
    let value = stored.parse("output", "-12 dB")?;
    stored.set("output", value)?;
    let instance = Instance::started(&module, Setup::default())?;
    output_db(&instance)?;
    instance.set_text("output", "6 dB")?;
    instance.load(&stored.save()?)?;
    let heard_db = output_db(&instance)?;
    ensure!((heard_db + 12.0).abs() < 0.01, "{heard_db:.2} dB are heard for -12 dB");
    Ok(())
}

#[test]
fn automation_is_not_disturbed_by_its_echo() -> Result<()> {
    let instance = Instance::started(&module()?, Setup::default())?;
    let (old, new) = (instance.parse("output", "-20 dB")?, instance.parse("output", "-6 dB")?);
    let input = vec![vec![0.5; 512]; 2];
    let points = [Point { parameter: parameter("output"), offset: 0, value: new }];
    instance.play_block(&input, &points)?;
    // What the host shows is a little late.
    instance.set("output", old)?;
    let start = Instant::now();
    let mut blocks = 0;
    while start.elapsed() < ECHO / 4 {
        let output = instance.play_block(&input, &[])?;
        blocks += 1;
        // Once the ramp is over.
        let heard_db = signal::db(f64::from(output[0][511]) / 0.5);
        ensure!(blocks < 4 || (heard_db + 6.0).abs() < 0.01, "{heard_db:.2} dB at {blocks}");
    }
    // A change in the process call says that the one held was old.
    instance.play_block(&input, &points)?;
    std::thread::sleep(ECHO + Duration::from_millis(50));
    let heard_db = output_db(&instance)?;
    ensure!((heard_db + 6.0).abs() < 0.01, "the echo is heard: {heard_db:.2} dB");
    // What is set for good is heard, once it can be no echo.
    instance.play_block(&input, &points)?;
    instance.set("output", old)?;
    std::thread::sleep(ECHO + Duration::from_millis(50));
    let heard_db = output_db(&instance)?;
    ensure!((heard_db + 20.0).abs() < 0.01, "{heard_db:.2} dB are heard for -20 dB");
    Ok(())
}

#[test]
fn stored_states_load_and_sound_as_they_did() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/states");
    let input = wav::read(&folder.join("input.wav"))?;
    let module = module()?;
    let mut loaded = 0;
    for version in std::fs::read_dir(&folder)? {
        let version = version?.path();
        if !version.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&version)? {
            let file = file?.path();
            if !file.to_string_lossy().ends_with(".state.json") {
                continue;
            }
            let expected = wav::read(&file.with_extension("wav"))?;
            let instance = Instance::new(&module, Setup::default())?;
            instance.load_file(&file)?;
            instance.start()?;
            let output = instance.play(&input.channels)?;
            for (output, expected) in output.iter().zip(&expected.channels) {
                let apart_db = signal::difference_db(output, expected);
                ensure!(apart_db < SAME_DB, "{}: by {apart_db:.1} dB", file.display());
            }
            loaded += 1;
        }
    }
    ensure!(loaded > 0, "no state is stored");
    Ok(())
}

#[test]
fn a_state_in_part_is_an_error_and_changes_nothing() -> Result<()> {
    isolated("a_state_in_part_is_an_error_and_changes_nothing", false, || {
        let instance = Instance::new(&module()?, Setup::default())?;
        let value = instance.parse("output", "-12 dB")?;
        instance.set("output", value)?;
        let state = instance.save()?;
        let full = Stream::new(&[], 100);
        ensure!(instance.save_to(&full)? != RESULT_OK, "a part is taken for the whole");
        instance.set_text("output", "0 dB")?;
        let before = instance.value("output");
        for (bytes, most) in [
            (state.as_slice(), 100),
            (&state[..state.len() / 2], usize::MAX),
            (b"no state".as_slice(), usize::MAX),
            (&[], usize::MAX),
        ] {
            let answer = instance.load_from(&Stream::new(bytes, most))?;
            ensure!(answer != RESULT_OK, "{} bytes by {most} are a state", bytes.len());
            ensure!((instance.value("output") - before).abs() < 1e-9, "it has changed");
        }
        instance.load(&state)?;
        ensure!((instance.value("output") - value).abs() < 1e-4, "the whole state does not load");
        Ok(())
    })
}
