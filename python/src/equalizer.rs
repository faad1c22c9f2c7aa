//! A bank at work on whole sounds, and on the samples of Python's precisions.

use crate::arrays::{Rows, each, single};
use crate::errors::value_error;
use erbium_dsp::Bank;
use erbium_dsp::feature::finite_sample;
use erbium_dsp::stream::{Engine, Offline, sanitize};
use pyo3::prelude::*;
use std::sync::Arc;

/// The greatest gain in dB: far beyond any use, and no overflow.
const GAIN_DB_MAX: f64 = 120.0;

/// Gains in dB, one or one per band, as linear amplitudes.
pub fn linear_gains(gains_db: &Bound<'_, PyAny>, bands: usize) -> PyResult<Vec<f32>> {
    let gains_db = each("gains_db", gains_db, bands, "band")?;
    for (band, gain_db) in gains_db.iter().enumerate() {
        if gain_db.is_nan() || *gain_db > GAIN_DB_MAX {
            return Err(value_error(format!(
                "gains_db[{band}] is {gain_db}; possible: up to {GAIN_DB_MAX} dB, -inf for off"
            )));
        }
    }
    Ok(gains_db.iter().map(|gain_db| single(10.0_f64.powf(gain_db / 20.0))).collect())
}

/// A sample to which a change is added; where there is none, not even -0 is touched.
pub trait Sample: Copy + Default {
    /// The sample as the library takes it: silence where it is no sound.
    fn finite(self) -> Self;
    /// In the precision of changes.
    fn narrow(self) -> f32;
    /// With a change.
    fn changed(self, change: f32) -> Self;
}

impl Sample for f32 {
    fn finite(self) -> Self {
        sanitize(self)
    }

    fn narrow(self) -> f32 {
        self
    }

    fn changed(self, change: f32) -> Self {
        if change == 0.0 { self } else { self + change }
    }
}

impl Sample for f64 {
    fn finite(self) -> Self {
        finite_sample(self)
    }

    fn narrow(self) -> f32 {
        single(self)
    }

    fn changed(self, change: f32) -> Self {
        if change == 0.0 { self } else { self + Self::from(change) }
    }
}

/// Whole sounds at gains at rest.
pub struct Equalizer {
    player: Player,
    latency_samples: usize,
}

enum Player {
    Offline(Box<Offline>),
    /// Where kernels are too long for frames.
    Engine(Box<Engine>),
}

impl Equalizer {
    /// At these amplitudes at the centre frequencies, one per band.
    pub fn new(bank: &Arc<Bank>, targets: &[f32]) -> Self {
        let latency_samples = bank.latency_samples();
        let player = match Offline::new(bank.clone(), 1) {
            Some(mut offline) => {
                let mut gains = vec![1.0; targets.len()];
                bank.solve_gains(targets, &mut gains);
                offline.set_gains(&gains);
                Player::Offline(Box::new(offline))
            }
            None => {
                let mut engine = Engine::new(bank.clone(), 1);
                engine.set_targets(targets);
                engine.jump_to_gains();
                Player::Engine(Box::new(engine))
            }
        };
        Self { player, latency_samples }
    }

    /// All sounds of single precision, one after the other.
    pub fn single(&mut self, rows: Rows<'_>, compensate: bool) -> Vec<f32> {
        (0..rows.count).flat_map(|row| self.equalised(&rows.single(row), compensate)).collect()
    }

    /// All sounds of double precision.
    pub fn double(&mut self, rows: Rows<'_>, compensate: bool) -> Vec<f64> {
        (0..rows.count).flat_map(|row| self.equalised(&rows.double(row), compensate)).collect()
    }

    fn equalised<T: Sample>(&mut self, sound: &[T], compensate: bool) -> Vec<T> {
        let latency = self.latency_samples;
        let input: Vec<f32> = sound.iter().map(|sample| sample.narrow()).collect();
        let change = self.change(&input, if compensate { latency } else { 0 });
        if compensate {
            let pairs = sound.iter().zip(&change[latency..]);
            return pairs.map(|(sample, change)| sample.finite().changed(*change)).collect();
        }
        let silence = std::iter::repeat_n(T::default(), latency);
        let delayed = silence.chain(sound.iter().map(|sample| sample.finite()));
        delayed.zip(&change).map(|(sample, change)| sample.changed(*change)).collect()
    }

    /// What is added to a sound and so many samples of silence after it.
    fn change(&mut self, sound: &[f32], after: usize) -> Vec<f32> {
        let mut change = vec![0.0; sound.len() + after];
        let (of_sound, of_silence) = change.split_at_mut(sound.len());
        let silence = vec![0.0; after];
        for (input, change) in [(sound, of_sound), (&silence[..], of_silence)] {
            match &mut self.player {
                Player::Offline(offline) => offline.process_change(&[input], &mut [change]),
                Player::Engine(engine) => engine.process_change(&[input], &mut [change]),
            }
        }
        match &mut self.player {
            Player::Offline(offline) => offline.reset(),
            Player::Engine(engine) => engine.reset(),
        }
        change
    }
}
