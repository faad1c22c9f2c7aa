//! From amplitudes wanted at the centre frequencies to band gains.
//!
//! Bands overlap: raising one alone by 12 dB raises its centre by about 10. With A_ik the response
//! of band k at centre i, the changes x = g − 1 solve A x = t, t = target − 1: flat stays exactly
//! flat, and [smooth](is_smooth) curves are met.
//!
//! A curve too steep for the bands would make gains run away, and swing the response between centres
//! down to nulls. Such a curve is met [`steep`]ly: exactly at its peaks, its valleys and everywhere
//! it is level, and as well as the bands can on the slopes between.

// Loops over several arrays at once are written by index throughout, which compiles to vectors anywhere.
#![expect(clippy::needless_range_loop, clippy::manual_memcpy)]

mod banded_rows;
mod guard;
mod normal;
mod steep;
mod tolerance;

use super::{Bank, BankSpec};
use crate::cast::{real, single};
use crate::vectors::Vectors;
use banded_rows::{BandedRows, F64x8, InF64x8, LANES, WithF64x8, trimmed};
use faer::linalg::solvers::Solve as _;
use faer::{Mat, Side};
use guard::{Intervals, extremes, higher};
use normal::Unknowns;
use num_complex::Complex;
use pulp::Simd;
use tolerance::Tolerances;

/// The most bands that live engines have. Banks of more, of published sizing, have no [`steep`] way.
const MOST: usize = BankSpec::BANDS.1;

/// The accuracy of the response at the centres, in amplitude.
const ACCURACY: f64 = 2.5e-4;

/// The ridge of the solution for smooth curves: errors below 0.01 dB unless neighbouring bands are
/// nearly the same.
const RIDGE: f64 = 1e-6;

/// Rounds in which the imaginary parts of responses are made up for.
const CORRECTIONS: usize = 3;

/// What moves by less than this is not solved for again: a hundredth of [`ACCURACY`].
const SETTLED: f64 = 2.5e-6;

/// Points from each centre up to the next at which the response is looked after.
const POINTS: usize = LANES;

/// Room beyond the last band.
const ROOM: usize = 2 * LANES;

/// Bands with room, of live engines and of all.
const WIDTH: usize = MOST + ROOM;
const WIDEST: usize = BankSpec::PUBLISHED_BANDS_MAX + ROOM;

/// How much there was to solve for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    /// Little.
    Smooth,
    /// A curve too steep for the bands, which takes several times as long.
    Steep,
}

/// What the bands do to each other, all matrices with one column per band unless transposed.
#[derive(Default)]
pub(super) struct Interaction {
    bands: usize,
    /// The solution for smooth curves: changes from wanted changes.
    smooth: BandedRows,
    /// The real part of the responses at the centres: A.
    centres: BandedRows,
    centres_transposed: BandedRows,
    /// The imaginary part of the responses at the centres; empty where it is nothing, as in symmetric
    /// banks.
    quadrature: BandedRows,
    quadrature_transposed: BandedRows,
    /// The real part of the responses at [`POINTS`] frequencies from each centre up to the next, and at
    /// the last centre: one rows8 for each interval.
    grid: BandedRows,
    intervals: Intervals,
}

impl Interaction {
    /// `None` when the matrix cannot be factored.
    pub fn new(bank: &Bank) -> Option<Self> {
        let hz = grid_hz(bank.centres_hz());
        let responses: Vec<_> = (0..bank.bands()).map(|k| bank.band_responses(k, &hz)).collect();
        let grid = real_parts(&responses);
        // The grid begins at the first centre.
        let at_centres = |i: usize, k: usize| grid[(POINTS * i, k)];
        let matrix = Mat::from_fn(bank.bands(), bank.bands(), at_centres);
        let smooth = trimmed(solution(&matrix)?);
        let (grid, centres) = (trimmed(grid), trimmed(matrix));
        let quadrature = quadrature(&responses).map(trimmed);
        let transposed = |matrix: &Mat<f64>| BandedRows::of(&matrix.transpose().to_owned());
        Some(Self {
            bands: bank.bands(),
            smooth: BandedRows::of(&smooth),
            centres: BandedRows::of(&centres),
            centres_transposed: transposed(&centres),
            quadrature: quadrature.as_ref().map(BandedRows::of).unwrap_or_default(),
            quadrature_transposed: quadrature.as_ref().map(transposed).unwrap_or_default(),
            intervals: Intervals::of(&grid),
            grid: BandedRows::of(&grid),
        })
    }

    /// Gains from targets, both linear.
    pub fn solve(&self, vectors: Vectors, targets: &[f32], gains: &mut [f32]) -> Curve {
        let (targets, gains) = (&targets[..self.bands], &mut gains[..self.bands]);
        vectors.dispatch(InF64x8(Solve { interaction: self, targets, gains }))
    }

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn solve_smoothly<S: Simd, const V: usize>(
        &self,
        x8: F64x8<S, V>,
        wanted: &Unknowns,
        changes: &mut Unknowns,
    ) {
        self.smooth.times(x8, wanted, changes);
        if self.quadrature.is_empty() {
            return;
        }
        let mut scales = [0.0; WIDTH];
        for i in 0..MOST {
            scales[i] = 1.0 / (1.0 + wanted[i]).max(tolerance::OFF);
        }
        // Solve again for the real part that, with the imaginary part these gains give, has the
        // magnitude wanted; where bands are too alike for that, keep the best there was.
        let (mut best, mut least, mut goals) = (*changes, f64::INFINITY, *wanted);
        for round in 0..=CORRECTIONS {
            let responses = Responses::new(x8, self, wanted, changes);
            let mut worst = [0.0; LANES];
            for (errors, scales) in
                responses.errors.as_chunks::<LANES>().0.iter().zip(scales.as_chunks::<LANES>().0)
            {
                for lane in 0..LANES {
                    worst[lane] = higher(worst[lane], errors[lane].abs() * scales[lane]);
                }
            }
            let error = extremes(&worst)[1];
            if error < least {
                least = error;
                best = *changes;
            }
            if round == CORRECTIONS || responses.are_settled(&goals) {
                break;
            }
            goals = responses.real_parts;
            self.smooth.times(x8, &goals, changes);
        }
        *changes = best;
    }
}

/// [`Interaction::solve`], for whatever vectors there are.
struct Solve<'a> {
    interaction: &'a Interaction,
    targets: &'a [f32],
    gains: &'a mut [f32],
}

impl WithF64x8 for Solve<'_> {
    type Output = Curve;

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_f64x8<S: Simd, const V: usize>(self, x8: F64x8<S, V>) -> Curve {
        let Self { interaction, targets, gains } = self;
        if interaction.bands > MOST {
            let (wanted, mut changes) = (wanted::<WIDEST>(targets), [0.0; WIDEST]);
            interaction.smooth.times(x8, &wanted, &mut changes);
            interaction.guard(x8, targets, &wanted, &mut changes);
            give(&changes, gains);
            return Curve::Smooth;
        }
        let (wanted, mut changes) = (wanted::<WIDTH>(targets), [0.0; WIDTH]);
        let tolerances = Tolerances::of(targets);
        let curve = if tolerances.is_smooth() {
            interaction.solve_smoothly(x8, &wanted, &mut changes);
            Curve::Smooth
        } else {
            interaction.solve_steeply(x8, targets, &wanted, &tolerances, &mut changes);
            Curve::Steep
        };
        interaction.guard(x8, targets, &wanted, &mut changes);
        give(&changes, gains);
        curve
    }
}

/// The changes from 1 that targets are.
#[inline(always)] // Compiled with the caller's vector instructions.
fn wanted<const N: usize>(targets: &[f32]) -> [f64; N] {
    let mut wanted = [0.0; N];
    for (wanted, target) in wanted.iter_mut().zip(targets) {
        *wanted = f64::from(*target) - 1.0;
    }
    wanted
}

/// Gains from changes.
#[inline(always)] // Compiled with the caller's vector instructions.
fn give(changes: &[f64], gains: &mut [f32]) {
    for (gain, change) in gains.iter_mut().zip(changes) {
        *gain = single(1.0 + change);
    }
}

/// Responses at the centres of a bank whose responses have imaginary parts.
struct Responses {
    /// Magnitudes, less what is wanted.
    errors: Unknowns,
    /// The real parts that make up the magnitudes wanted with the imaginary parts there are, less 1.
    real_parts: Unknowns,
}

impl Responses {
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn new<S: Simd, const V: usize>(
        x8: F64x8<S, V>,
        interaction: &Interaction,
        wanted: &Unknowns,
        changes: &Unknowns,
    ) -> Self {
        let (mut real, mut imaginary) = ([0.0; WIDTH], [0.0; WIDTH]);
        interaction.centres.times(x8, changes, &mut real);
        interaction.quadrature.times(x8, changes, &mut imaginary);
        let mut responses = Self { errors: [0.0; WIDTH], real_parts: [0.0; WIDTH] };
        for i in 0..MOST {
            let (target, real, imaginary) = (1.0 + wanted[i], 1.0 + real[i], imaginary[i]);
            let squared = imaginary * imaginary;
            responses.errors[i] = (real * real + squared).sqrt() - target;
            responses.real_parts[i] = higher(target * target - squared, 0.0).sqrt() - 1.0;
        }
        responses
    }

    /// Whether the real parts have hardly moved: solving for these would change next to nothing.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn are_settled(&self, goals: &Unknowns) -> bool {
        let mut moves = [0.0; WIDTH];
        for i in 0..MOST {
            moves[i] = self.real_parts[i] - goals[i];
        }
        let [low, high] = extremes(&moves);
        higher(-low, high) < SETTLED
    }
}

/// Changes (rows) from wanted changes (columns): AᵀA + ε = Aᵀ + ε; `None` when it cannot be solved.
fn solution(matrix: &Mat<f64>) -> Option<Mat<f64>> {
    let mut normal = matrix.transpose() * matrix;
    let mut adjoint = matrix.transpose().to_owned();
    for k in 0..matrix.ncols() {
        normal[(k, k)] += RIDGE;
        adjoint[(k, k)] += RIDGE;
    }
    Some(normal.llt(Side::Lower).ok()?.solve(adjoint))
}

/// Frequencies of the grid, from the first centre to the last.
fn grid_hz(centres_hz: &[f64]) -> Vec<f64> {
    let between = centres_hz.windows(2).flat_map(|pair| {
        let step_hz = (pair[1] - pair[0]) / real(POINTS);
        (0..POINTS).map(move |point| pair[0] + real(point) * step_hz)
    });
    between.chain(centres_hz.last().copied()).collect()
}

/// The imaginary part of the bands' responses at the centres, of those on the grid, unless it is nothing.
fn quadrature(responses: &[Vec<Complex<f64>>]) -> Option<Mat<f64>> {
    let bands = responses.len();
    let matrix = Mat::from_fn(bands, bands, |i, k| responses[k][POINTS * i].im);
    // Rounding alone, as in symmetric banks, is not worth the work.
    (matrix.norm_max() >= 1e-6 && bands <= MOST).then_some(matrix)
}

/// The real part of the bands' responses (columns) at frequencies (rows), each row's sum made exactly
/// 1: it is but for the dual's error, and exactly so, muting all is exactly silence.
fn real_parts(responses: &[Vec<Complex<f64>>]) -> Mat<f64> {
    let points = responses.first().map_or(0, Vec::len);
    let mut matrix = Mat::from_fn(points, responses.len(), |i, k| responses[k][i].re);
    for mut row in matrix.row_iter_mut() {
        let sum: f64 = row.as_ref().iter().sum();
        row.as_mut().iter_mut().for_each(|value| *value /= sum);
    }
    matrix
}
