//! The VST3, as either format is played.

use super::host_objects::Changes;
use super::instance::process_data;
use super::{Instance, Mode, Module, Point, latency_changed, number, parameter, succeed};
#[cfg(unix)]
use super::{Parent, RunLoop, View};
use crate::plugin::{Block, Change, Playing, Plugin, Setup};
use crate::prerequisites;
use crate::realtime::{Pace, watched};
use anyhow::{Context, Result, bail, ensure};
use std::sync::atomic::Ordering;
#[cfg(unix)]
use std::time::Duration;
use vst3::ComPtr;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, IAudioProcessor, IAudioProcessorTrait,
    IComponentTrait, IParameterChanges, ProcessContext, ProcessContext_::StatesAndFlags_,
    SpeakerArr,
};
use vst3::Steinberg::int32;

/// An instance, and what the host remembers of it.
pub struct Played {
    instance: Instance,
    setup: Setup,
    position_samples: i64,
    is_active: bool,
}

fn setup_of(setup: Setup) -> super::Setup {
    let Setup { sample_rate_hz, block_samples, channels, offline } = setup;
    let mode = if offline { Mode::Offline } else { Mode::Realtime };
    super::Setup { sample_rate_hz, block_samples, channels, mode }
}

fn points(changes: &[Change]) -> Result<Vec<Point>> {
    let point = |change: &Change| {
        let offset = i32::try_from(change.at)?;
        Ok(Point { parameter: parameter(&change.id), offset, value: change.value })
    };
    changes.iter().map(point).collect()
}

fn bus(channels: &mut [*mut f32]) -> Result<AudioBusBuffers> {
    Ok(AudioBusBuffers {
        numChannels: int32::try_from(channels.len())?,
        silenceFlags: 0,
        __field0: AudioBusBuffers__type0 { channelBuffers32: channels.as_mut_ptr() },
    })
}

/// One block, on the thread that calls it.
fn process(
    processor: &ComPtr<IAudioProcessor>,
    pace: Pace,
    block: Block<'_>,
    position_samples: i64,
) -> Result<Vec<Vec<f32>>> {
    let Block { input, outputs, in_place, changes } = block;
    let samples = input.first().map_or(0, |signal| signal.len());
    let mut input: Vec<Vec<f32>> = input.iter().map(|signal| signal.to_vec()).collect();
    let mut output = vec![vec![f32::NAN; samples]; outputs];
    if in_place {
        output.clone_from(&input);
    }
    let mut into: Vec<*mut f32> = input.iter_mut().map(Vec::as_mut_ptr).collect();
    let mut out: Vec<*mut f32> = output.iter_mut().map(Vec::as_mut_ptr).collect();
    if in_place {
        into.clone_from(&out);
    }
    let (mut input_bus, mut output_bus) = (bus(&mut into)?, bus(&mut out)?);
    let changes = Changes::new(&points(changes)?);
    let changes = changes.as_com_ref::<IParameterChanges>().context("no changes")?;
    // SAFETY: all zeros is a context that says nothing.
    let mut context: ProcessContext = unsafe { std::mem::zeroed() };
    context.state = number(StatesAndFlags_::kPlaying).cast_unsigned();
    context.sampleRate = 48_000.0;
    context.projectTimeSamples = position_samples;
    let mut data = process_data(samples, &mut input_bus, &mut output_bus, changes)?;
    data.processContext = &mut context;
    // SAFETY: everything that the data points to outlives the call.
    let result = watched(pace, || unsafe { processor.process(&mut data) })?;
    succeed(result, "process")?;
    Ok(output)
}

impl Plugin for Played {
    type Library = Module;

    fn library() -> Result<Module> {
        Module::load(&prerequisites::path(prerequisites::VST3))
    }

    fn new(library: &Module, setup: Setup) -> Result<Self> {
        let instance = Instance::new(library, setup_of(setup))?;
        Ok(Self { instance, setup, position_samples: 0, is_active: false })
    }

    fn set_up(&mut self, setup: Setup) -> Result<()> {
        let mut into = match setup.channels {
            1 => SpeakerArr::kMono,
            2 => SpeakerArr::kStereo,
            6 => SpeakerArr::k51,
            other => bail!("{other} channels"),
        };
        let mut out = into;
        // SAFETY: the instance is alive, and so is what it is given.
        let result =
            unsafe { self.instance.processor.setBusArrangements(&mut into, 1, &mut out, 1) };
        succeed(result, "setBusArrangements")?;
        self.setup = setup;
        Ok(())
    }

    fn setup(&self) -> Setup {
        self.setup
    }

    fn activate(&mut self) -> Result<()> {
        let Setup { sample_rate_hz, block_samples, offline, .. } = self.setup;
        let result = self.instance.set_up_with(
            if offline { 2 } else { 0 },
            0,
            i32::try_from(block_samples)?,
            sample_rate_hz,
        );
        succeed(result, "setupProcessing")?;
        self.instance.activate()?;
        self.is_active = true;
        Ok(())
    }

    fn deactivate(&mut self) {
        self.instance.stop();
        self.is_active = false;
    }

    fn sleep_and_wake(&mut self) -> Result<()> {
        // SAFETY: the instance is alive.
        unsafe {
            succeed(self.instance.processor.setProcessing(0), "setProcessing of 0")?;
            succeed(self.instance.processor.setProcessing(1), "setProcessing of 1")
        }
    }

    fn reset(&mut self) -> Result<()> {
        // What the format has for that: inactive and active again, in the same setup.
        // SAFETY: the instance is alive.
        unsafe {
            self.instance.processor.setProcessing(0);
            succeed(self.instance.component.setActive(0), "setActive of 0")?;
        }
        self.instance.activate()
    }

    fn jump(&mut self, samples: u64) {
        self.position_samples = i64::try_from(samples).unwrap_or(i64::MAX);
    }

    fn latency_samples(&mut self) -> Result<usize> {
        self.instance.latency_samples()
    }

    fn tail_samples(&mut self) -> Result<usize> {
        // SAFETY: the instance is alive.
        let samples = unsafe { self.instance.processor.getTailSamples() };
        ensure!(samples != u32::MAX, "an endless tail");
        Ok(usize::try_from(samples)?)
    }

    fn take_latency_change(&mut self) -> Result<bool> {
        Ok(self.instance.take_restarts().iter().any(|(flags, _)| latency_changed(*flags)))
    }

    fn value(&mut self, id: &str) -> Result<f64> {
        Ok(self.instance.value(id))
    }

    fn parse(&mut self, id: &str, text: &str) -> Result<f64> {
        self.instance.parse(id, text)
    }

    fn largest(&mut self, _: &str) -> Result<f64> {
        Ok(1.0)
    }

    fn flush(&mut self, changes: &[Change]) -> Result<()> {
        if !self.is_active {
            let mut changes = changes.iter();
            return changes.try_for_each(|change| self.instance.set(&change.id, change.value));
        }
        // A process call of nothing, as the format has it.
        let block = Block { input: &[], outputs: 0, in_place: false, changes };
        process(&self.instance.processor, self.instance.pace(), block, self.position_samples)
            .map(drop)
    }

    fn process(&mut self, block: Block<'_>) -> Result<Vec<Vec<f32>>> {
        let output =
            process(&self.instance.processor, self.instance.pace(), block, self.position_samples)?;
        self.position_samples += i64::try_from(block.input.first().map_or(0, |x| x.len()))?;
        Ok(output)
    }

    fn play_beside<T>(
        &mut self,
        input: &[Vec<f32>],
        playing: &Playing,
        main: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let (processor, pace) = (self.instance.processor.clone(), self.instance.pace());
        std::thread::scope(|scope| {
            let audio = scope.spawn(move || -> Result<()> {
                let input: Vec<&[f32]> = input.iter().map(Vec::as_slice).collect();
                while !playing.stop.load(Ordering::SeqCst) {
                    let outputs = input.len();
                    let changes = playing.next_changes();
                    let block = Block { input: &input, outputs, in_place: false, changes };
                    let output = process(&processor, pace, block, 0)?;
                    ensure!(output.iter().flatten().all(|x| x.is_finite()), "it plays no numbers");
                    playing.blocks.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            });
            let result = main(self);
            playing.stop.store(true, Ordering::SeqCst);
            let Ok(played) = audio.join() else { bail!("the audio thread panicked") };
            played?;
            result
        })
    }

    #[cfg(unix)]
    fn with_window<T>(
        &mut self,
        parent: &Parent,
        body: impl FnOnce(&mut Self, &dyn Fn(Duration) -> Result<()>) -> Result<T>,
    ) -> Result<T> {
        let view = View::open(&self.instance, parent, Some(RunLoop::Offered))?;
        let result = body(self, &|duration| view.pump(duration));
        view.close()?;
        result
    }

    fn save(&mut self) -> Result<Vec<u8>> {
        self.instance.save()
    }

    fn load(&mut self, state: &[u8]) -> Result<()> {
        self.instance.load(state)
    }

    fn split_state(state: &[u8]) -> (&[u8], &[u8]) {
        state.split_at(0)
    }

    fn state_of(text: &[u8]) -> Vec<u8> {
        text.to_vec()
    }
}
