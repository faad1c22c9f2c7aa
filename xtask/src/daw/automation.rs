//! One lane of automation, and where it must be heard.

use super::compare::{apart_db, differing};
use super::row;
use anyhow::{Context, Result, ensure};
use std::f64::consts::TAU;
use std::fmt::Write;
use std::ops::Range;

/// What is automated.
pub const PARAMETER: &str = "Gain 25";
/// From one point to the next, in samples: some twenty in a block.
const STEP: usize = 64;
/// How often the gain goes up and comes back.
const SWINGS: usize = 8;
/// How far up it goes, in dB.
const PEAK_DB: f64 = 12.0;
/// The least that each swing changes the sound, in dB of it.
const LEAST_CHANGE_DB: f64 = -60.0;
/// What moves is heard from a latency before to a latency, a ramp and the wait for the next control block
/// after: no more than this, in seconds.
const AROUND_S: f64 = 0.1;

/// A lane that is at 0 dB at both of its ends, from a third of the sound to two thirds.
pub struct Lane {
    frames: Range<usize>,
    around: usize,
}

impl Lane {
    pub fn new(frames: usize, rate_hz: u32) -> Self {
        let swing = frames / 3 / SWINGS / STEP * STEP;
        let start = frames / 3;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short time")]
        let around = (AROUND_S * f64::from(rate_hz)) as usize;
        Self { frames: start..start + SWINGS * swing, around }
    }

    /// The sample at its middle.
    pub const fn middle(&self) -> usize {
        usize::midpoint(self.frames.start, self.frames.end)
    }

    /// A sample and a gain in dB on each line.
    pub fn to_text(&self) -> String {
        let steps = self.frames.len() / STEP;
        let mut text = String::new();
        for n in 0..=steps {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let phase = TAU * ((SWINGS * n) as f64 / steps as f64);
            let gain_db = 0.5 * PEAK_DB * (1.0 - phase.cos());
            let _ = writeln!(text, "{} {gain_db:.6}", self.frames.start + n * STEP);
        }
        text
    }

    /// # Errors
    /// Where a swing is not heard, or something is heard where the lane does not move.
    pub fn judge(&self, automated: &[[f32; 2]], plain: &[[f32; 2]]) -> Result<()> {
        ensure!(automated.len() == plain.len(), "{} frames, not {}", automated.len(), plain.len());
        let heard = differing(automated, plain).context("the lane is not heard at all")?;
        let mut least = f64::INFINITY;
        for n in 0..SWINGS {
            let swing = self.frames.len() / SWINGS;
            let frames = self.frames.start + n * swing..self.frames.start + (n + 1) * swing;
            let [automated, plain] = [automated, plain].map(|sound| &sound[frames.clone()]);
            let change_db = apart_db(automated, plain, plain);
            ensure!(
                change_db >= LEAST_CHANGE_DB,
                "frames {} to {}: {change_db:.1} dB of the sound, less than {LEAST_CHANGE_DB} dB, \
                 though the lane goes up to {PEAK_DB} dB and back",
                frames.start,
                frames.end
            );
            least = least.min(change_db);
        }
        row("automated, least of the swings", &format!("{least:.1} dB of the sound"));
        let allowed = self.frames.start - self.around..self.frames.end + self.around;
        row(
            "heard, and where the lane moves",
            &format!(
                "{} to {}, {} to {}",
                heard.start,
                heard.end - 1,
                self.frames.start,
                self.frames.end
            ),
        );
        ensure!(
            allowed.start <= heard.start && heard.end <= allowed.end,
            "it is heard in frames {heard:?}, the lane moves in {:?} only",
            self.frames
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: usize = 96_000;

    fn lane() -> Lane {
        Lane::new(FRAMES, 48_000)
    }

    /// A sound that is louder in these frames.
    fn judged(louder: impl Fn(usize) -> bool) -> Result<()> {
        let frame = |n| if louder(n) { [1.1, 1.0] } else { [1.0; 2] };
        lane().judge(&(0..FRAMES).map(frame).collect::<Vec<_>>(), &[[1.0; 2]; FRAMES])
    }

    #[test]
    fn the_lane_is_dense_and_ends_where_it_began() {
        let text = lane().to_text();
        let points: Vec<(usize, f64)> = text
            .lines()
            .map(|line| {
                let (sample, gain_db) = line.split_once(' ').expect("two numbers");
                (sample.parse().expect("a sample"), gain_db.parse().expect("a gain"))
            })
            .collect();
        assert_eq!(points[0], (32_000, 0.0));
        assert_eq!(points.last().expect("points").1, 0.0);
        assert!(points.windows(2).all(|pair| pair[1].0 - pair[0].0 == STEP), "{points:?}");
        let peak = points.iter().map(|point| point.1).fold(0.0, f64::max);
        assert!((peak - PEAK_DB).abs() < 0.01, "{peak}");
    }

    #[test]
    fn it_must_be_heard_throughout_and_nowhere_else() {
        let frames = lane().frames;
        judged(|n| frames.contains(&n)).expect("where it moves");
        judged(|_| false).expect_err("nowhere");
        judged(|n| frames.contains(&n) && n < 50_000).expect_err("not to the end");
        judged(|n| frames.contains(&n) || n == 20_000).expect_err("long before");
        judged(|n| frames.contains(&n) || n == FRAMES - 1).expect_err("long after");
    }
}
