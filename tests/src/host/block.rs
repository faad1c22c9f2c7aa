//! One block, as a host hands it over.

use super::Host;
use crate::realtime::{Pace, watched};
use anyhow::Result;
use clack_host::prelude::*;
use std::sync::atomic::Ordering;

/// More than a plugin answers in one block.
pub(super) const ANSWERS: usize = 1_024;

/// What a block is played into.
#[derive(Clone, Copy, Debug)]
pub struct Buffers {
    /// Channels out.
    pub outputs: usize,
    /// Whether the output is where the input was.
    pub in_place: bool,
}

impl Buffers {
    /// Buffers of its own for the output.
    #[must_use]
    pub const fn apart(outputs: usize) -> Self {
        Self { outputs, in_place: false }
    }
}

/// Plays one block on the thread that calls it.
///
/// # Errors
/// Where the plugin fails, or does what the audio thread may not.
pub fn play(
    processor: &mut StartedPluginAudioProcessor<Host>,
    input: &[&[f32]],
    events: &EventBuffer,
    buffers: Buffers,
    steady_samples: u64,
) -> Result<Vec<Vec<f32>>> {
    let mut input: Vec<Vec<f32>> = input.iter().map(|signal| signal.to_vec()).collect();
    let samples = input.first().map_or(0, Vec::len);
    // Not zero, so that a plugin that writes nothing is found out.
    let mut output = vec![vec![f32::NAN; samples]; buffers.outputs];
    if buffers.in_place {
        output.clone_from(&input);
    }
    let mut input_ports = AudioPorts::with_capacity(input.len(), 1);
    let mut output_ports = AudioPorts::with_capacity(output.len(), 1);
    let shared: Vec<_> = output.iter_mut().map(Vec::as_mut_ptr).collect();
    let inputs = input.iter_mut().enumerate().map(|(k, signal)| {
        let own = signal.as_mut_slice();
        let slice = match shared.get(k).filter(|_| buffers.in_place) {
            // SAFETY: only the plugin reads and writes there during the call, as hosts let it.
            Some(pointer) => unsafe { std::slice::from_raw_parts_mut(*pointer, samples) },
            None => own,
        };
        InputChannel::variable(slice)
    });
    let mut inputs: Vec<_> = inputs.collect();
    let input_port = AudioPortBuffer {
        latency: 0,
        channels: AudioPortBufferType::f32_input_only(inputs.drain(..)),
    };
    let output_port = AudioPortBuffer {
        latency: 0,
        channels: AudioPortBufferType::f32_output_only(output.iter_mut().map(Vec::as_mut_slice)),
    };
    // Or the host itself would allocate while the plugin answers.
    let mut answers = EventBuffer::with_capacity(ANSWERS);
    let input = input_ports.with_input_buffers([input_port]);
    let mut outputs = output_ports.with_output_buffers([output_port]);
    let events = InputEvents::from_buffer(events);
    let mut answers = OutputEvents::from_buffer(&mut answers);
    watched(pace(processor), || {
        processor.process(&input, &mut outputs, &events, &mut answers, Some(steady_samples), None)
    })??;
    Ok(output)
}

/// Whether the plugin may take its time.
pub(super) fn pace(processor: &StartedPluginAudioProcessor<Host>) -> Pace {
    Pace::of(processor.access_shared_handler(|host| host.is_offline.load(Ordering::SeqCst)))
}
