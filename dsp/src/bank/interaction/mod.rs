//! From amplitudes wanted at the centre frequencies to band gains.
//!
//! Bands overlap: raising one alone by 12 dB raises its centre by about 10. With A_ik the response
//! of band k at centre i, the changes x = g − 1 solve A x = t, t = target − 1: flat stays exactly
//! flat, and [smooth](is_smooth) curves are met.
//!
//! A curve too steep for the bands would make gains run away, and swing the response between centres
//! down to nulls. Such a curve is met [`steep`]ly: exactly at its peaks, its valleys and everywhere
//! it is level, and as well as the bands can on the slopes between.

mod guard;
mod normal;
mod rows;
mod steep;
mod tolerance;

use super::{Bank, BankSpec};
use crate::cast::{real, single};
use crate::vectors::Vectors;
use faer::linalg::solvers::Solve as _;
use faer::{Mat, Side};
use guard::Interval;
use normal::{Unknowns, WIDTH};
use num_complex::Complex;
use pulp::{Simd, WithSimd};
use rows::{LANES, Rows};
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

/// Points from each centre up to the next at which the response is looked after.
const POINTS: usize = 8;

/// The most bands there are, with room for a vector that begins at any of them.
const ALL: usize = BankSpec::PUBLISHED_BANDS_MAX + LANES;

/// What the bands do to each other, all matrices with one column per band.
#[derive(Default)]
pub(super) struct Interaction {
    bands: usize,
    /// The solution for smooth curves: changes from wanted changes.
    smooth: Rows,
    /// The real part of the responses at the centres: A.
    centres: Rows,
    /// The imaginary part of the responses at the centres; empty where it is nothing, as in symmetric
    /// banks.
    quadrature: Rows,
    /// The real part of the responses at [`POINTS`] frequencies from each centre up to the next, and at
    /// the last centre.
    grid: Rows,
    /// From each centre up to the next, and the last centre.
    intervals: Vec<Interval>,
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
        Some(Self {
            bands: bank.bands(),
            smooth: Rows::of(&solution(&matrix)?),
            centres: Rows::of(&matrix),
            quadrature: quadrature(&responses),
            intervals: Interval::all(&grid),
            grid: Rows::of(&grid),
        })
    }

    /// Gains from targets, both linear.
    pub fn solve(&self, targets: &[f32], gains: &mut [f32]) {
        let (targets, gains) = (&targets[..self.bands], &mut gains[..self.bands]);
        Vectors::new().dispatch(Solve { interaction: self, targets, gains });
    }

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn solve_smoothly<S: Simd>(
        &self,
        simd: S,
        targets: &[f32],
        wanted: &[f64],
        changes: &mut [f64],
    ) {
        self.apply_smooth(simd, wanted, changes);
        if self.quadrature.is_empty() {
            return;
        }
        // Solve again for the real part that, with the imaginary part these gains give, has the
        // magnitude wanted; where bands are too alike for that, keep the best there was.
        let (mut best, mut least): (Unknowns, _) = ([0.0; WIDTH], f64::INFINITY);
        for round in 0..=CORRECTIONS {
            let mut real_parts: Unknowns = [0.0; WIDTH];
            let mut error = 0.0_f64;
            for (i, target) in targets.iter().enumerate() {
                let (target, response) = (f64::from(*target), self.response(simd, i, changes));
                error =
                    error.max((response.magnitude() - target).abs() / target.max(tolerance::OFF));
                real_parts[i] = response.real_part_for(target) - 1.0;
            }
            if error < least {
                least = error;
                best[..self.bands].copy_from_slice(&changes[..self.bands]);
            }
            if round < CORRECTIONS {
                self.apply_smooth(simd, &real_parts, changes);
            }
        }
        changes[..self.bands].copy_from_slice(&best[..self.bands]);
    }

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn apply_smooth<S: Simd>(&self, simd: S, wanted: &[f64], changes: &mut [f64]) {
        for (i, change) in changes[..self.bands].iter_mut().enumerate() {
            *change = self.smooth.row(i).dot(simd, wanted);
        }
    }

    /// The response at centre `i`, of a bank whose responses have imaginary parts.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn response<S: Simd>(&self, simd: S, i: usize, changes: &[f64]) -> Response {
        Response {
            real: 1.0 + self.centres.row(i).dot(simd, changes),
            imaginary: self.quadrature.row(i).dot(simd, changes),
        }
    }
}

/// [`Interaction::solve`], for whatever vectors there are.
struct Solve<'a> {
    interaction: &'a Interaction,
    targets: &'a [f32],
    gains: &'a mut [f32],
}

impl WithSimd for Solve<'_> {
    type Output = ();

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { interaction, targets, gains } = self;
        let (mut wanted, mut changes) = ([0.0; ALL], [0.0; ALL]);
        for (wanted, target) in wanted.iter_mut().zip(targets) {
            *wanted = f64::from(*target) - 1.0;
        }
        let steep = (interaction.bands <= MOST).then(|| Tolerances::of(targets));
        match steep.filter(|tolerances| !tolerances.is_smooth()) {
            Some(tolerances) => {
                interaction.solve_steeply(simd, targets, &wanted, &tolerances, &mut changes);
            }
            None => interaction.solve_smoothly(simd, targets, &wanted, &mut changes),
        }
        interaction.guard(simd, targets, &wanted, &mut changes);
        for (gain, change) in gains.iter_mut().zip(&changes) {
            *gain = single(1.0 + change);
        }
    }
}

/// A response at a centre.
struct Response {
    real: f64,
    imaginary: f64,
}

impl Response {
    fn magnitude(&self) -> f64 {
        (self.real * self.real + self.imaginary * self.imaginary).sqrt()
    }

    /// The real part that makes up a magnitude with the imaginary part there is.
    fn real_part_for(&self, magnitude: f64) -> f64 {
        (magnitude * magnitude - self.imaginary * self.imaginary).max(0.0).sqrt()
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
fn quadrature(responses: &[Vec<Complex<f64>>]) -> Rows {
    let bands = responses.len();
    let matrix = Mat::from_fn(bands, bands, |i, k| responses[k][POINTS * i].im);
    // Rounding alone, as in symmetric banks, is not worth the work.
    if matrix.norm_max() < 1e-6 || bands > MOST { Rows::default() } else { Rows::of(&matrix) }
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
