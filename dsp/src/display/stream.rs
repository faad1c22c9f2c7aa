//! Streams through a display bank: columns come out as soon as they can be computed.

use super::bank::DisplayBank;
use super::pyramid::Pyramid;
use crate::stream::{correlate, sanitize};
use pulp::{Arch, Simd, WithSimd};
use std::sync::Arc;

/// Several streams through one bank, in step. Not for the audio thread: it allocates.
pub struct DisplayStream {
    bank: Arc<DisplayBank>,
    pyramids: Vec<Pyramid>,
    arch: Arch,
    /// Samples taken in.
    arrived: usize,
    /// Columns given out.
    columns: usize,
    clean: Vec<f32>,
    power: Vec<Vec<f32>>,
}

impl DisplayStream {
    /// Before these streams there is silence.
    #[must_use]
    pub fn new(bank: Arc<DisplayBank>, streams: usize) -> Self {
        let longest = bank.rows.iter().map(|row| row.re.len()).max().unwrap_or(0);
        // Each level keeps a kernel and, as it counts from the column's start, a column.
        let kept = longest + bank.column_samples() + 2;
        let pyramid = || Pyramid::new(bank.levels(), kept);
        Self {
            pyramids: (0..streams).map(|_| pyramid()).collect(),
            power: vec![vec![0.0; bank.rows.len()]; streams],
            arch: Arch::new(),
            arrived: 0,
            columns: 0,
            clean: Vec::new(),
            bank,
        }
    }

    /// The bank.
    #[must_use]
    pub const fn bank(&self) -> &Arc<DisplayBank> {
        &self.bank
    }

    /// Takes samples of every stream in and calls `column` for each column that is complete, with
    /// one slice a stream: per row the greatest power in the column, 1 for a sinusoid of full scale.
    /// The n-th column covers the samples from n to n + 1 times [`DisplayBank::column_samples`].
    ///
    /// # Panics
    /// Unless there are as many slices as streams, all of the same length.
    pub fn push(&mut self, streams: &[&[f32]], column: &mut dyn FnMut(&[Vec<f32>])) {
        assert_eq!(streams.len(), self.pyramids.len(), "streams");
        let samples = streams.first().map_or(0, |stream| stream.len());
        for (pyramid, stream) in self.pyramids.iter_mut().zip(streams) {
            assert_eq!(stream.len(), samples, "samples of every stream");
            self.clean.clear();
            self.clean.extend(stream.iter().map(|&sample| sanitize(sample)));
            pyramid.push(&self.clean);
        }
        self.arrived += samples;
        let length = self.bank.column_samples();
        while (self.columns + 1) * length + self.bank.delay_samples() <= self.arrived {
            self.arch.dispatch(Column {
                bank: &self.bank,
                pyramids: &self.pyramids,
                power: &mut self.power,
                start: self.columns * length,
            });
            self.columns += 1;
            column(&self.power);
            let start = (self.columns * length).cast_signed();
            self.pyramids.iter_mut().for_each(|pyramid| pyramid.forget(start));
        }
    }
}

/// One column of every stream.
struct Column<'a> {
    bank: &'a DisplayBank,
    pyramids: &'a [Pyramid],
    power: &'a mut [Vec<f32>],
    /// Its first sample.
    start: usize,
}

impl WithSimd for Column<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let length = self.bank.column_samples();
        for (k, row) in self.bank.rows.iter().enumerate() {
            self.power.iter_mut().for_each(|power| power[k] = 0.0);
            for j in 0..row.coefficients {
                // The middles of equal parts of the column.
                let time = self.start + (2 * j + 1) * length / (2 * row.coefficients);
                let middle = (time >> row.level).cast_signed();
                let first = middle + row.half.cast_signed() + 1 - row.re.len().cast_signed();
                for (pyramid, power) in self.pyramids.iter().zip(self.power.iter_mut()) {
                    let samples = pyramid.slice(row.level, first, row.re.len());
                    let [[re, im]] = correlate(simd, [samples], (&row.re, &row.im));
                    power[k] = power[k].max(re * re + im * im);
                }
            }
        }
    }
}
