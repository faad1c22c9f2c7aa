//! Convolution with filters in partitions, on the stream's grid.

use crate::stream::plan::{Level, Partitions};
use crate::stream::simd::{Parts, PartsMut, add_products};
use crate::stream::state::{
    Filter, FilterChannel, FilterScratch, Filters, LevelInput, LevelOutput,
};
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// Adds the output of one filter.
#[inline(always)]
pub(super) fn add_filtered(
    partitions: &Partitions,
    filters: &Filters,
    (channel, which): (&FilterChannel, usize),
    block: &mut [f32],
    position: usize,
) {
    for output in &channel.outputs[which] {
        let start = position % output.block.len();
        for (sample, filtered) in block.iter_mut().zip(&output.block[start..]) {
            *sample += filtered;
        }
    }
    if let Some(input) = channel.inputs.first()
        && !partitions.direct.is_empty()
    {
        let half = input.frame.len() / 2;
        let past = &input.frame[..half + position % half + block.len()];
        let taps = (partitions.direct.start, filters.filters[which].direct.as_slice());
        convolve(taps, past, block);
    }
}

/// Adds what taps, the first of this delay, make of the past that ends with the block.
#[inline(always)]
fn convolve((delay, taps): (usize, &[f32]), past: &[f32], block: &mut [f32]) {
    let now = past.len() - block.len() - delay;
    if let Ok(block) = <&mut [f32; CONTROL_BLOCK]>::try_from(&mut *block) {
        // In registers, as the compiler finds only in this form: a third less for all the rest.
        let mut sums = *block;
        for (n, tap) in taps.iter().enumerate() {
            if let Some(past) = past[now - n..].first_chunk::<CONTROL_BLOCK>() {
                for (sum, past) in sums.iter_mut().zip(past) {
                    *sum += tap * past;
                }
            }
        }
        *block = sums;
        return;
    }
    for (n, tap) in taps.iter().enumerate() {
        for (sample, past) in block.iter_mut().zip(&past[now - n..]) {
            *sample += tap * past;
        }
    }
}

/// At the end of a control block, so many samples after the stream began: the products of its share of
/// partitions, and the transforms of blocks that end with it.
#[inline(always)]
pub(crate) fn end_filter_block<S: Simd>(
    simd: S,
    partitions: &Partitions,
    filters: &mut Filters,
    position: usize,
) {
    let active = filters.active();
    let Filters { channels, filters, scratch, .. } = filters;
    for (n, level) in partitions.levels.iter().enumerate() {
        let step = position / CONTROL_BLOCK % level.steps();
        let step = if step == 0 { level.steps() - 1 } else { step - 1 };
        for which in active.clone() {
            for partition in level.partitions_in(step) {
                // The newest spectrum is that of the block before.
                let ago = level.first + partition - 2;
                multiply(simd, &filters[which], partition, channels, (n, which, ago));
            }
        }
        if step + 1 == level.steps() {
            for channel in &mut *channels {
                transform_input(level, &mut channel.inputs[n], scratch);
            }
            for which in active.clone() {
                if level.first == 1 {
                    multiply(simd, &filters[which], 0, channels, (n, which, 0));
                }
                for channel in &mut *channels {
                    transform_output(level, &mut channel.outputs[which][n], scratch);
                }
            }
        }
    }
}

/// Brings a filter that was not heard to where it would be had it been heard all the time, so many samples after the
/// stream began.
#[inline(always)]
pub(crate) fn begin_filter<S: Simd>(
    simd: S,
    partitions: &Partitions,
    filters: &mut Filters,
    which: usize,
    position: usize,
) {
    filters.in_use[which] = true;
    let Filters { channels, filters, scratch, .. } = filters;
    for (n, level) in partitions.levels.iter().enumerate() {
        for channel in &mut *channels {
            channel.outputs[which][n].sum.clear();
        }
        for partition in 0..level.partitions {
            let ago = level.first + partition - 1;
            multiply(simd, &filters[which], partition, channels, (n, which, ago));
        }
        for channel in &mut *channels {
            transform_output(level, &mut channel.outputs[which][n], scratch);
        }
        let done = position % level.block / CONTROL_BLOCK;
        for partition in (0..done).flat_map(|step| level.partitions_in(step)) {
            let ago = level.first + partition - 2;
            multiply(simd, &filters[which], partition, channels, (n, which, ago));
        }
    }
}

/// Adds a partition's products with spectra of so many blocks ago to the next block's, at level `n` of a filter:
/// two channels at a time, so that the partition is read once.
#[inline(always)]
fn multiply<S: Simd>(
    simd: S,
    filter: &Filter,
    partition: usize,
    channels: &mut [FilterChannel],
    at: (usize, usize, usize),
) {
    if partition >= filter.filled[at.0] {
        return;
    }
    let by = filter.levels[at.0].at(partition);
    let (pairs, single) = channels.as_chunks_mut::<2>();
    for channels in pairs {
        multiply_channels(simd, by, channels, at);
    }
    for channels in single.as_chunks_mut::<1>().0 {
        multiply_channels(simd, by, channels, at);
    }
}

#[inline(always)]
fn multiply_channels<S: Simd, const C: usize>(
    simd: S,
    by: Parts,
    channels: &mut [FilterChannel; C],
    (n, which, ago): (usize, usize, usize),
) {
    // At 0 Hz and the Nyquist frequency, which share a place, all is real.
    let mut ends = [[0.0; 2]; C];
    let mut from: [Parts; C] = [[&[]; 2]; C];
    let mut to = [(); C].map(|()| <PartsMut>::default());
    for (((ends, from), to), channel) in
        ends.iter_mut().zip(&mut from).zip(&mut to).zip(&mut *channels)
    {
        let FilterChannel { inputs, outputs } = channel;
        *from = inputs[n].spectra.at(inputs[n].place(ago));
        *to = outputs[which][n].sum.at_mut(0);
        for part in 0..2 {
            ends[part] = to[part][0] + by[part][0] * from[part][0];
        }
    }
    add_products(simd, by, from, to);
    for (ends, channel) in ends.into_iter().zip(channels) {
        let [re, im] = channel.outputs[which][n].sum.at_mut(0);
        (re[0], im[0]) = (ends[0], ends[1]);
    }
}

/// At the end of a block: its spectrum.
#[inline(always)]
fn transform_input(level: &Level, input: &mut LevelInput, scratch: &mut FilterScratch) {
    let place = input.advance();
    let frame = &mut scratch.frame[..2 * level.block];
    let spectrum = &mut scratch.spectrum[..=level.block];
    frame.copy_from_slice(&input.frame);
    let done = level.forward.process_with_scratch(frame, spectrum, &mut scratch.transform);
    debug_assert!(done.is_ok(), "{done:?}");
    input.spectra.set(place, spectrum, 1.0);
    input.frame.copy_within(level.block.., 0);
}

/// At the end of a block: the next one's output, of whose sum nothing is left.
#[inline(always)]
fn transform_output(level: &Level, output: &mut LevelOutput, scratch: &mut FilterScratch) {
    let frame = &mut scratch.frame[..2 * level.block];
    let spectrum = &mut scratch.spectrum[..=level.block];
    output.sum.get(0, spectrum);
    let done = level.inverse.process_with_scratch(spectrum, frame, &mut scratch.transform);
    debug_assert!(done.is_ok(), "{done:?}");
    output.block.copy_from_slice(&frame[level.block..]);
    output.sum.clear();
}
