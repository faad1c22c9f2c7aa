//! One instance of the plugin, played block by block.

use super::host_objects::{Changes, Handler, Point, Stream};
use super::{Module, number, parameter, succeed};
use crate::realtime::{Pace, watched};
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;
#[cfg(unix)]
use vst3::Steinberg::IPlugView;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, IAudioProcessor, IAudioProcessorTrait, IComponent,
    IComponentHandler, IComponentTrait, IEditController, IEditControllerTrait, IParameterChanges,
    ParameterInfo, ProcessData, ProcessModes_, ProcessSetup, RestartFlags_, SpeakerArr,
    SymbolicSampleSizes_, TChar,
};
use vst3::Steinberg::{IBStream, IPluginBaseTrait, int32, kResultOk};
use vst3::{ComPtr, ComRef, ComWrapper};

/// Whether the plugin may take its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// It may not: it is heard at once.
    Realtime,
    /// It may, as when a DAW exports a mix.
    Offline,
}

/// How an instance is played.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Samples a second.
    pub sample_rate_hz: f64,
    /// Samples in each block but a shorter last one.
    pub block_samples: usize,
    /// Channels in and out, 1 or 2.
    pub channels: usize,
    /// What the plugin is told of time.
    pub mode: Mode,
}

impl Default for Setup {
    fn default() -> Self {
        Self { sample_rate_hz: 48_000.0, block_samples: 512, channels: 2, mode: Mode::Offline }
    }
}

/// How many channels a block has, where that is not what was agreed; `None` is a null pointer in
/// place of the list of channels.
#[derive(Clone, Copy, Debug)]
pub struct Channels {
    /// Of the input.
    pub input: Option<usize>,
    /// Of the output.
    pub output: Option<usize>,
    /// The pointer of this channel is null, in both.
    pub null: Option<usize>,
    /// What the output holds before; NaN shows where nothing is written.
    pub output_before: f32,
}

impl Channels {
    /// As many as agreed.
    #[must_use]
    pub const fn agreed(channels: usize) -> Self {
        Self { input: Some(channels), output: Some(channels), null: None, output_before: f32::NAN }
    }
}

/// One instance of the plugin. The thread that makes it is its main thread.
pub struct Instance {
    pub(super) component: ComPtr<IComponent>,
    pub(super) processor: ComPtr<IAudioProcessor>,
    controller: ComPtr<IEditController>,
    handler: ComWrapper<Handler>,
    setup: Setup,
    /// Whether it was told last that it may take its time.
    is_offline: AtomicBool,
}

/// Whether a restart's flags say that the latency is another.
#[must_use]
pub fn latency_changed(flags: i32) -> bool {
    flags & RestartFlags_::kLatencyChanged != 0
}

impl Instance {
    /// A new instance with its channels chosen, not yet set up.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn new(module: &Module, setup: Setup) -> Result<Self> {
        let component = module.create()?;
        let processor = component.cast::<IAudioProcessor>().context("no audio processor")?;
        let controller = component.cast::<IEditController>().context("no controller")?;
        let handler = ComWrapper::new(Handler::default());
        let listener = handler.as_com_ref::<IComponentHandler>().context("no handler")?;
        let mut arrangement = match setup.channels {
            1 => SpeakerArr::kMono,
            2 => SpeakerArr::kStereo,
            other => bail!("{other} channels"),
        };
        let mut output = arrangement;
        // SAFETY: the instance is alive, and so is what it is given.
        unsafe {
            succeed(component.initialize(std::ptr::null_mut()), "initialize")?;
            succeed(controller.setComponentHandler(listener.as_ptr()), "setComponentHandler")?;
            let result = processor.setBusArrangements(&mut arrangement, 1, &mut output, 1);
            succeed(result, "setBusArrangements")?;
        }
        let is_offline = AtomicBool::new(false);
        Ok(Self { component, processor, controller, handler, setup, is_offline })
    }

    /// A new instance, set up and ready to play.
    ///
    /// # Errors
    /// As [`Self::new`] and [`Self::start`].
    pub fn started(module: &Module, setup: Setup) -> Result<Self> {
        let instance = Self::new(module, setup)?;
        instance.start()?;
        Ok(instance)
    }

    /// Sets it up and makes it ready to play.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn start(&self) -> Result<()> {
        self.set_up(self.setup.mode)?;
        self.activate()
    }

    /// Tells it rate, block size and mode; it must not be active.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn set_up(&self, mode: Mode) -> Result<()> {
        let mode = match mode {
            Mode::Realtime => ProcessModes_::kRealtime,
            Mode::Offline => ProcessModes_::kOffline,
        };
        let most = int32::try_from(self.setup.block_samples)?;
        succeed(
            self.set_up_with(
                number(mode),
                number(SymbolicSampleSizes_::kSample32),
                most,
                self.setup.sample_rate_hz,
            ),
            "setupProcessing",
        )
    }

    /// Tells it a setup as it stands, and returns the plugin's answer.
    #[must_use]
    pub fn set_up_with(&self, mode: i32, sample_size: i32, most: i32, sample_rate_hz: f64) -> i32 {
        let mut setup = ProcessSetup {
            processMode: mode,
            symbolicSampleSize: sample_size,
            maxSamplesPerBlock: most,
            sampleRate: sample_rate_hz,
        };
        // SAFETY: the instance is alive.
        let result = unsafe { self.processor.setupProcessing(&mut setup) };
        if result == kResultOk {
            let is_offline = mode == number(ProcessModes_::kOffline);
            self.is_offline.store(is_offline, Ordering::SeqCst);
        }
        result
    }

    /// Whether the plugin may take its time.
    pub(super) fn pace(&self) -> Pace {
        Pace::of(self.is_offline.load(Ordering::SeqCst))
    }

    /// Makes it ready to play, from silence.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn activate(&self) -> Result<()> {
        // SAFETY: the instance is alive.
        unsafe {
            succeed(self.component.setActive(1), "setActive")?;
            succeed(self.processor.setProcessing(1), "setProcessing")
        }
    }

    /// Ends playing.
    pub fn stop(&self) {
        // SAFETY: the instance is alive.
        unsafe {
            self.processor.setProcessing(0);
            self.component.setActive(0);
        }
    }

    /// From now on it is restarted before its request for that returns.
    pub fn restart_synchronously(&self) {
        self.handler.restart_synchronously(self.component.clone(), self.processor.clone());
    }

    /// From now on the host takes a while when it is asked for a restart. Returns whether it is just
    /// doing so, which can be asked after the instance is gone.
    pub fn delay_restarts(&self) -> impl Fn() -> bool + use<> {
        self.handler.slow_down();
        let handler = self.handler.clone();
        move || handler.is_called()
    }

    /// Whether it did not come back from such a restart.
    #[must_use]
    pub fn refused_to_restart(&self) -> bool {
        self.handler.was_refused()
    }

    /// The flags of every restart that it asked for since the last call, and the thread it asked on.
    #[must_use]
    pub fn take_restarts(&self) -> Vec<(i32, ThreadId)> {
        self.handler.take_restarts()
    }

    /// The latency it reports, in samples.
    ///
    /// # Errors
    /// Never on machines of 32 bits and more.
    pub fn latency_samples(&self) -> Result<usize> {
        // SAFETY: the instance is alive.
        Ok(usize::try_from(unsafe { self.processor.getLatencySamples() })?)
    }

    /// How many parameters it has.
    #[must_use]
    pub fn parameter_count(&self) -> i32 {
        // SAFETY: the instance is alive.
        unsafe { self.controller.getParameterCount() }
    }

    /// The number and the name of a parameter, or the plugin's answer where there is none.
    ///
    /// # Errors
    /// What the plugin answers instead of success.
    pub fn parameter_info(&self, index: i32) -> Result<(u32, String), i32> {
        // SAFETY: all zeros is an empty parameter info.
        let mut info: ParameterInfo = unsafe { std::mem::zeroed() };
        // SAFETY: the instance is alive.
        let result = unsafe { self.controller.getParameterInfo(index, &mut info) };
        if result != kResultOk {
            return Err(result);
        }
        let title: Vec<u16> = info.title.iter().copied().take_while(|&c| c != 0).collect();
        Ok((info.id, String::from_utf16_lossy(&title)))
    }

    /// A parameter's value, 0 to 1.
    #[must_use]
    pub fn value(&self, id: &str) -> f64 {
        // SAFETY: the instance is alive.
        unsafe { self.controller.getParamNormalized(parameter(id)) }
    }

    /// The value, 0 to 1, that a text stands for.
    ///
    /// # Errors
    /// Where the parameter does not take it.
    pub fn parse(&self, id: &str, text: &str) -> Result<f64> {
        let mut characters: Vec<TChar> = text.encode_utf16().chain([0]).collect();
        let mut value = 0.0;
        // SAFETY: the instance is alive, and the text ends with a zero.
        let result = unsafe {
            let text = characters.as_mut_ptr();
            self.controller.getParamValueByString(parameter(id), text, &mut value)
        };
        succeed(result, &format!("getParamValueByString of {id} for {text}"))?;
        Ok(value)
    }

    /// Sets a value, 0 to 1, as a host's controls do.
    ///
    /// # Errors
    /// Where the plugin refuses it.
    pub fn set(&self, id: &str, value: f64) -> Result<()> {
        // SAFETY: the instance is alive.
        let result = unsafe { self.controller.setParamNormalized(parameter(id), value) };
        succeed(result, &format!("setParamNormalized of {id} to {value}"))
    }

    /// Sets a value as a user would type it.
    ///
    /// # Errors
    /// As [`Self::parse`] and [`Self::set`].
    pub fn set_text(&self, id: &str, text: &str) -> Result<()> {
        self.set(id, self.parse(id, text)?)
    }

    /// The state, as it is saved with a project.
    ///
    /// # Errors
    /// Where the plugin fails.
    pub fn save(&self) -> Result<Vec<u8>> {
        let stream = Stream::new(&[], usize::MAX);
        succeed(self.save_to(&stream)?, "getState")?;
        Ok(stream.bytes())
    }

    /// Saves the state to a stream and returns the plugin's answer.
    ///
    /// # Errors
    /// Never with a stream.
    pub fn save_to(&self, stream: &ComWrapper<Stream>) -> Result<i32> {
        let stream = stream.as_com_ref::<IBStream>().context("no stream")?;
        // SAFETY: both are alive.
        Ok(unsafe { self.component.getState(stream.as_ptr()) })
    }

    /// Loads a saved state.
    ///
    /// # Errors
    /// Where the plugin refuses it.
    pub fn load(&self, state: &[u8]) -> Result<()> {
        succeed(self.load_from(&Stream::new(state, usize::MAX))?, "setState")
    }

    /// Loads the state from a stream and returns the plugin's answer.
    ///
    /// # Errors
    /// Never with a stream.
    pub fn load_from(&self, stream: &ComWrapper<Stream>) -> Result<i32> {
        let stream = stream.as_com_ref::<IBStream>().context("no stream")?;
        // SAFETY: both are alive.
        Ok(unsafe { self.component.setState(stream.as_ptr()) })
    }

    /// Loads a saved state from a file.
    ///
    /// # Errors
    /// Where it cannot be read or the plugin refuses it.
    pub fn load_file(&self, file: &Path) -> Result<()> {
        let state = std::fs::read(file).with_context(|| format!("{}", file.display()))?;
        self.load(&state).with_context(|| format!("{}", file.display()))
    }

    /// Plays audio in blocks: one signal per channel, all of one length; the output is as long.
    ///
    /// # Errors
    /// As [`Self::play_block`].
    pub fn play(&self, input: &[Vec<f32>]) -> Result<Vec<Vec<f32>>> {
        let samples = input.first().map_or(0, Vec::len);
        let mut output = vec![Vec::with_capacity(samples); input.len()];
        for start in (0..samples).step_by(self.setup.block_samples) {
            let end = samples.min(start + self.setup.block_samples);
            let block: Vec<_> = input.iter().map(|signal| signal[start..end].to_vec()).collect();
            for (out, block) in output.iter_mut().zip(self.play_block(&block, &[])?) {
                out.extend(block);
            }
        }
        Ok(output)
    }

    /// Plays one block with the points of automation that lie in it.
    ///
    /// # Errors
    /// Where the plugin fails.
    pub fn play_block(&self, input: &[Vec<f32>], points: &[Point]) -> Result<Vec<Vec<f32>>> {
        let (result, output) =
            self.play_block_with(input, points, Channels::agreed(input.len()))?;
        succeed(result, "process")?;
        Ok(output)
    }

    /// Plays one block with other channels than agreed, and returns the plugin's answer and the
    /// output.
    ///
    /// # Errors
    /// Where the input has too few channels for this.
    pub fn play_block_with(
        &self,
        input: &[Vec<f32>],
        points: &[Point],
        channels: Channels,
    ) -> Result<(i32, Vec<Vec<f32>>)> {
        ensure!(channels.input.unwrap_or(0) <= input.len(), "too few channels of input");
        let samples = input.first().map_or(0, Vec::len);
        let mut input = input.to_vec();
        let mut output = vec![vec![channels.output_before; samples]; channels.output.unwrap_or(0)];
        let pointers = |signals: &mut [Vec<f32>]| -> Vec<*mut f32> {
            let mut pointers: Vec<_> = signals.iter_mut().map(Vec::as_mut_ptr).collect();
            if let Some(pointer) = channels.null.and_then(|null| pointers.get_mut(null)) {
                *pointer = std::ptr::null_mut();
            }
            pointers
        };
        let (mut inputs, mut outputs) = (pointers(&mut input), pointers(&mut output));
        let bus = |count: Option<usize>, pointers: &mut Vec<*mut f32>| -> Result<AudioBusBuffers> {
            let list = if count.is_some() { pointers.as_mut_ptr() } else { std::ptr::null_mut() };
            Ok(AudioBusBuffers {
                numChannels: int32::try_from(count.unwrap_or(0))?,
                silenceFlags: 0,
                __field0: AudioBusBuffers__type0 { channelBuffers32: list },
            })
        };
        let mut input_bus = bus(channels.input, &mut inputs)?;
        let mut output_bus = bus(channels.output, &mut outputs)?;
        let changes = Changes::new(points);
        let changes = changes.as_com_ref::<IParameterChanges>().context("no changes")?;
        let mut data = process_data(samples, &mut input_bus, &mut output_bus, changes)?;
        // SAFETY: everything that the data points to outlives the call.
        let result = watched(self.pace(), || unsafe { self.processor.process(&mut data) })?;
        Ok((result, output))
    }

    /// A new view of it, not yet attached to a window.
    #[cfg(unix)]
    pub(super) fn create_view(&self) -> Result<ComPtr<IPlugView>> {
        // SAFETY: the instance is alive, and the name ends with a zero.
        let view = unsafe { ComPtr::from_raw(self.controller.createView(c"editor".as_ptr())) };
        view.context("the plugin has no editor")
    }
}

/// What a process call is given, without events and without a transport. It points to the rest.
pub(super) fn process_data(
    samples: usize,
    input: &mut AudioBusBuffers,
    output: &mut AudioBusBuffers,
    changes: ComRef<'_, IParameterChanges>,
) -> Result<ProcessData> {
    Ok(ProcessData {
        processMode: 0,
        symbolicSampleSize: number(SymbolicSampleSizes_::kSample32),
        numSamples: int32::try_from(samples)?,
        numInputs: 1,
        numOutputs: 1,
        inputs: input,
        outputs: output,
        inputParameterChanges: changes.as_ptr(),
        outputParameterChanges: std::ptr::null_mut(),
        inputEvents: std::ptr::null_mut(),
        outputEvents: std::ptr::null_mut(),
        processContext: std::ptr::null_mut(),
    })
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stop();
        self.handler.let_go();
        // SAFETY: the instance is alive, and these are the last calls.
        unsafe {
            self.controller.setComponentHandler(std::ptr::null_mut());
            self.component.terminate();
        }
    }
}
