//! From target amplitudes at the centre frequencies to band gains.
//!
//! Bands overlap: raising one alone by 12 dB raises its centre by about 10. With A_ik the response
//! of band k at centre i, the changes x = g − 1 solve A x = t, t = target − 1: flat stays exactly
//! flat, and [smooth](is_smooth) curves are met.
//!
//! With a curve too steep for the bands the gains would diverge, and the response fall to nulls between centres.
//! Such a curve is solved by [`steep`]: exactly at its peaks, its valleys and wherever it is level, in the sense
//! of least squares on the slopes between.

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
use std::sync::Arc;
use tolerance::Tolerances;

/// The most bands that live engines have. Banks of more, of published sizing, are not solved by [`steep`].
const BANDS_MAX: usize = BankSpec::BANDS.1;

/// The accuracy of the response at the centres, in amplitude: a quarter of −60 dB, which the middle of three bands
/// that are off must come down to (`tests/bank/fidelity.rs`); at four times as much it does not.
const ACCURACY: f64 = 2.5e-4;

/// The ridge of the solution for smooth curves, which bounds the gains where neighbouring bands are nearly the same.
/// The error at the centres grows with it: 0.0003 dB here, 0.003 at ten and 0.016 at a hundred times as much, as
/// `smooth_curves_are_met_at_the_centres_and_between` (`tests/bank/fidelity.rs`) prints it.
const RIDGE: f64 = 1e-6;

/// Rounds of correction for the imaginary parts of responses, at most: without any the same test finds 0.04 dB, with
/// one no more than with three.
const CORRECTIONS: usize = 3;

/// A round that moves nothing by more has converged: a hundredth of [`ACCURACY`].
const CONVERGED: f64 = 2.5e-6;

/// Points from each centre up to the next at which the response is computed: one vector.
const POINTS: usize = LANES;

/// Padding after the last band.
const PADDING: usize = 2 * LANES;

/// Bands with padding, of live engines and of all.
const WIDTH: usize = BANDS_MAX + PADDING;
const WIDTH_MAX: usize = BankSpec::PUBLISHED_BANDS_MAX + PADDING;

/// How a curve was solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    /// By one matrix product, or a few.
    Smooth,
    /// By least squares, being too steep for the bands, which takes several times as long.
    Steep,
}

/// What a row of the solution for smooth curves leaves out where gains follow levels: a hundredth of the 0.2 dB that they are
/// met to.
const ROW_NEGLIGIBLE: f64 = 2e-4;

/// A row of a matrix, from the first entry that counts to the last.
pub(crate) struct Row {
    first: usize,
    factors: Vec<f32>,
}

/// What gains depend on at a band's centre, for those that follow levels.
pub(crate) struct CentreRows {
    /// The band's change by the changes of the response asked for at the centres.
    pub solution: Row,
    /// The imaginary part of the response by the bands' changes; nothing where there is none.
    pub quadrature: Row,
}

impl Row {
    /// Row `k` of a matrix; what is left out goes to the band itself, so that even numbers are scaled as exactly.
    fn of(matrix: &Mat<f64>, k: usize) -> Self {
        let row: Vec<f64> = (0..matrix.ncols()).map(|j| matrix[(k, j)]).collect();
        let counts = |factor: &f64| factor.abs() >= ROW_NEGLIGIBLE;
        let first = row.iter().position(counts).unwrap_or(k).min(k);
        let end = row.iter().rposition(counts).unwrap_or(k).max(k) + 1;
        let mut kept = row[first..end].to_vec();
        kept[k - first] += row.iter().sum::<f64>() - kept.iter().sum::<f64>();
        Self { first, factors: kept.into_iter().map(single).collect() }
    }

    const fn empty() -> Self {
        Self { first: 0, factors: Vec::new() }
    }

    /// The product with a vector.
    #[inline(always)]
    pub fn times(&self, vector: &[f32]) -> f32 {
        self.factors.iter().zip(&vector[self.first..]).map(|(a, b)| a * b).sum()
    }
}

/// The bands' responses at each other's centres, all matrices with one column per band unless transposed.
#[derive(Default)]
pub(super) struct Interaction {
    bands: usize,
    /// The solution for smooth curves: changes from target changes.
    smooth: BandedRows,
    /// The same to [`ROW_NEGLIGIBLE`], row by row.
    pub rows: Arc<[CentreRows]>,
    /// The real part of the responses at the centres: A.
    centres: BandedRows,
    centres_transposed: BandedRows,
    /// The imaginary part of the responses at the centres; empty where it is 0, as in symmetric banks.
    quadrature: BandedRows,
    quadrature_transposed: BandedRows,
    /// The real part of the responses at [`POINTS`] frequencies from each centre up to the next, and at
    /// the last centre: eight rows for each interval.
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
        let smooth = solution(&matrix)?;
        let quadrature = quadrature(&responses);
        let rows = (0..bank.bands()).map(|k| CentreRows {
            solution: Row::of(&smooth, k),
            quadrature: quadrature.as_ref().map_or_else(Row::empty, |matrix| Row::of(matrix, k)),
        });
        let rows = rows.collect();
        let smooth = trimmed(smooth);
        let (grid, centres) = (trimmed(grid), trimmed(matrix));
        let quadrature = quadrature.map(trimmed);
        let transposed = |matrix: &Mat<f64>| BandedRows::of(&matrix.transpose().to_owned());
        Some(Self {
            bands: bank.bands(),
            smooth: BandedRows::of(&smooth),
            rows,
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

    #[inline(always)]
    fn solve_smoothly<S: Simd, const V: usize>(
        &self,
        x8: F64x8<S, V>,
        target_changes: &Unknowns,
        changes: &mut Unknowns,
    ) {
        self.smooth.times(x8, target_changes, changes);
        if self.quadrature.is_empty() {
            return;
        }
        let mut scales = [0.0; WIDTH];
        for i in 0..BANDS_MAX {
            scales[i] = 1.0 / (1.0 + target_changes[i]).max(tolerance::OFF);
        }
        // Solve again for the real part that, with the imaginary part of these gains, has the target magnitude;
        // where bands are too alike for that, keep the best solution.
        let (mut best, mut least, mut goals) = (*changes, f64::INFINITY, *target_changes);
        for round in 0..=CORRECTIONS {
            let responses = Responses::new(x8, self, target_changes, changes);
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
            if round == CORRECTIONS || responses.have_converged(&goals) {
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

    #[inline(always)]
    fn with_f64x8<S: Simd, const V: usize>(self, x8: F64x8<S, V>) -> Curve {
        let Self { interaction, targets, gains } = self;
        if interaction.bands > BANDS_MAX {
            let (target_changes, mut changes) =
                (target_changes::<WIDTH_MAX>(targets), [0.0; WIDTH_MAX]);
            interaction.smooth.times(x8, &target_changes, &mut changes);
            interaction.guard(x8, targets, &target_changes, &mut changes);
            write_gains(&changes, gains);
            return Curve::Smooth;
        }
        let (target_changes, mut changes) = (target_changes::<WIDTH>(targets), [0.0; WIDTH]);
        let tolerances = Tolerances::of(targets);
        let curve = if tolerances.is_smooth() {
            interaction.solve_smoothly(x8, &target_changes, &mut changes);
            Curve::Smooth
        } else {
            interaction.solve_steeply(x8, targets, &target_changes, &tolerances, &mut changes);
            Curve::Steep
        };
        interaction.guard(x8, targets, &target_changes, &mut changes);
        write_gains(&changes, gains);
        curve
    }
}

/// t: targets less 1.
#[inline(always)]
fn target_changes<const N: usize>(targets: &[f32]) -> [f64; N] {
    let mut target_changes = [0.0; N];
    for (change, target) in target_changes.iter_mut().zip(targets) {
        *change = f64::from(*target) - 1.0;
    }
    target_changes
}

/// Gains from changes.
#[inline(always)]
fn write_gains(changes: &[f64], gains: &mut [f32]) {
    for (gain, change) in gains.iter_mut().zip(changes) {
        *gain = single(1.0 + change);
    }
}

/// Responses at the centres of a bank whose responses have imaginary parts.
struct Responses {
    /// Magnitudes less targets.
    errors: Unknowns,
    /// The real parts that make up the target magnitudes with these imaginary parts, less 1.
    real_parts: Unknowns,
}

impl Responses {
    #[inline(always)]
    fn new<S: Simd, const V: usize>(
        x8: F64x8<S, V>,
        interaction: &Interaction,
        target_changes: &Unknowns,
        changes: &Unknowns,
    ) -> Self {
        let (mut real, mut imaginary) = ([0.0; WIDTH], [0.0; WIDTH]);
        interaction.centres.times(x8, changes, &mut real);
        interaction.quadrature.times(x8, changes, &mut imaginary);
        let mut responses = Self { errors: [0.0; WIDTH], real_parts: [0.0; WIDTH] };
        for i in 0..BANDS_MAX {
            let (target, real, imaginary) = (1.0 + target_changes[i], 1.0 + real[i], imaginary[i]);
            let squared = imaginary * imaginary;
            responses.errors[i] = (real * real + squared).sqrt() - target;
            responses.real_parts[i] = higher(target * target - squared, 0.0).sqrt() - 1.0;
        }
        responses
    }

    /// Whether the real parts have moved by less than [`CONVERGED`].
    #[inline(always)]
    fn have_converged(&self, goals: &Unknowns) -> bool {
        let mut moves = [0.0; WIDTH];
        for i in 0..BANDS_MAX {
            moves[i] = self.real_parts[i] - goals[i];
        }
        let [low, high] = extremes(&moves);
        higher(-low, high) < CONVERGED
    }
}

/// Changes (rows) from target changes (columns): AᵀA + ε = Aᵀ + ε; `None` when it cannot be solved.
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

/// The imaginary part of the bands' responses at the centres, of those on the grid, unless it is 0.
fn quadrature(responses: &[Vec<Complex<f64>>]) -> Option<Mat<f64>> {
    let bands = responses.len();
    let matrix = Mat::from_fn(bands, bands, |i, k| responses[k][POINTS * i].im);
    // Rounding alone, as in symmetric banks, is not worth the work.
    (matrix.norm_max() >= 1e-6 && bands <= BANDS_MAX).then_some(matrix)
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
