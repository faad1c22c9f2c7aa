//! Gains for curves too steep for the bands.
//!
//! Least squares, weighted: the response comes to its targets, each centre within its own tolerance
//! τ_i, by gains that stay near their own targets, each within its own reach ρ_k:
//!
//! minimise Σ (A x − t)_i² / τ_i² + Σ (x_k − t_k)² / ρ_k².
//!
//! With E = diag ρ² and T = diag τ² the solution is x = t + d, (Aᵀ T⁻¹ A + E⁻¹) d = Aᵀ T⁻¹ (t − A t): one
//! positive definite system, banded as A is. Constraints can be added to it: that imaginary parts vanish where
//! targets are low, and that the response keeps to a floor where it would fall to a null.
//!
//! The numbers below are weights and limits of that compromise. What they must meet together is in
//! `tests/bank/fidelity.rs`, which prints what is reached: nothing moves by more than 0.1 dB beyond two bands, a lone
//! peak or valley is met to 1 dB, and the middle of three bands that are off comes down to −60 dB. What each does to
//! that is said with it; where neither half nor twice as much changes a test, it is a choice within that freedom.

use super::banded_rows::{F64x8, LANES};
use super::guard::{FloorMargins, ceiling_of_floors, extremes, floor, higher};
use super::normal::{BLOCKS, Factor, Normal, Unknowns};
use super::tolerance::Tolerances;
use super::{ACCURACY, BANDS_MAX, Interaction, POINTS, Responses, WIDTH};
use pulp::Simd;

/// ρ_k: how far a gain may be from its target, in targets. With 1 a lone band is 6.7 dB off, with 4 bands beyond
/// two move by 0.13 dB.
const REACH: f64 = 2.0;

/// Targets between which ρ_k is in proportion to the target: −20 to +12 dB. With −30 dB bands that are off come down
/// too little.
const PROPORTIONATE: (f64, f64) = (0.1, 4.0);

/// Imaginary parts matter where a target is below this part of one within three centres.
const LOW: f64 = 0.5;

/// The tolerance of the imaginary part, in targets. With 0.1 bands beyond two move by 0.098 dB, with 0.01 a lone
/// band is 1.75 dB off.
const QUADRATURE_ACCURACY: f64 = 0.03;

/// The tolerance of a floor: the slack of a firm one in [`FloorMargins`]. With a quarter or four times as much bands
/// that are off come down too little.
const FLOOR_ACCURACY: f64 = 1e-3;

/// The most constraints on imaginary parts; further ones are left out. Bounds the time of a solution (`cargo xtask
/// bench steady`), as the next three do.
const QUADRATURES: usize = 32;

/// The most constraints besides those at the centres.
const EXTRA: usize = QUADRATURES + 16;

/// Rounds in which floors are added at further frequencies: without any bands beyond two move by 1.3 dB; with two
/// the tests find no more than with four.
const ROUNDS: usize = 4;

/// Rounds of correction for the imaginary parts at the centres: the least that will do. With three bands beyond two
/// move by 0.12 dB.
const CORRECTIONS: usize = 4;

/// The equations for the changes of gain, x = t + d.
struct Constraints<'a> {
    /// t.
    target_changes: &'a Unknowns,
    /// A t: the change of the response at each centre, where x is t.
    own: Unknowns,
    /// T⁻¹ at the centres.
    weights: Unknowns,
    /// What all constraints but those at the centres add to the right-hand side.
    others: Unknowns,
    /// How many constraints can still be added.
    constraints_left: usize,
    /// The points of the grid that have a floor.
    floors: [usize; EXTRA],
    floor_count: usize,
    normal: &'a mut Normal,
    factor: &'a mut Factor,
    /// The first block of unknowns for which `factor` is not that of `normal`.
    changed: usize,
}

impl<'a> Constraints<'a> {
    /// None but that gains stay near their targets.
    #[inline(always)]
    fn none(
        targets: &[f32],
        target_changes: &'a Unknowns,
        normal: &'a mut Normal,
        factor: &'a mut Factor,
    ) -> Self {
        let mut inverse_reaches = [0.0; BANDS_MAX];
        for (inverse, target) in inverse_reaches.iter_mut().zip(targets) {
            let reach = REACH * f64::from(*target).clamp(PROPORTIONATE.0, PROPORTIONATE.1);
            *inverse = 1.0 / (reach * reach);
        }
        normal.begin(&inverse_reaches[..targets.len()]);
        Self {
            target_changes,
            own: [0.0; WIDTH],
            weights: [0.0; WIDTH],
            others: [0.0; WIDTH],
            constraints_left: EXTRA,
            floors: [0; EXTRA],
            floor_count: 0,
            normal,
            factor,
            changed: 0,
        }
    }

    /// That the responses at the centres are the targets.
    #[inline(always)]
    fn push_centres<S: Simd, const V: usize>(
        &mut self,
        x8: F64x8<S, V>,
        interaction: &Interaction,
        tolerances: &Tolerances,
    ) {
        interaction.centres.times(x8, self.target_changes, &mut self.own);
        let mut rows = [0; BANDS_MAX];
        for i in 0..interaction.bands {
            let tolerance = tolerances.all()[i];
            self.weights[i] = 1.0 / (tolerance * tolerance + ACCURACY * ACCURACY);
            rows[i] = i;
        }
        let transpose = &interaction.centres_transposed;
        self.normal.add(x8, transpose, &rows[..interaction.bands], &self.weights);
    }

    /// That the imaginary part is small where the target is low.
    #[inline(always)]
    fn push_quadratures<S: Simd, const V: usize>(
        &mut self,
        x8: F64x8<S, V>,
        interaction: &Interaction,
        tolerances: &Tolerances,
    ) {
        let mut imaginary = [0.0; WIDTH];
        interaction.quadrature.times(x8, self.target_changes, &mut imaginary);
        let (mut rows, mut many) = ([0; QUADRATURES], 0);
        let (mut weights, mut shares) = ([0.0; WIDTH], [0.0; WIDTH]);
        let highest = tolerances.highest_around();
        for i in 0..interaction.bands {
            let target = tolerances.targets()[i];
            let low = 1.0 - target / (LOW * highest[i]);
            if low > 0.0 && many < QUADRATURES {
                let tolerance = tolerances.all()[i] + QUADRATURE_ACCURACY * target / low;
                weights[i] = 1.0 / (tolerance * tolerance);
                shares[i] = -weights[i] * imaginary[i];
                rows[many] = i;
                many += 1;
            }
        }
        let transpose = &interaction.quadrature_transposed;
        self.normal.add(x8, transpose, &rows[..many], &weights);
        transpose.times(x8, &shares, &mut self.others);
        self.constraints_left -= many;
    }

    /// That the response at a point of the grid, `own` where the gains are the targets, is a goal.
    #[inline(always)]
    fn push_floor<S: Simd, const V: usize>(
        &mut self,
        x8: F64x8<S, V>,
        interaction: &Interaction,
        point: usize,
        [own, goal]: [f64; 2],
    ) {
        let mut row = [0.0; WIDTH];
        interaction.grid.rows8(point / POINTS).row(point % POINTS, &mut row);
        let weight = 1.0 / (FLOOR_ACCURACY * FLOOR_ACCURACY);
        for (other, value) in self.others.iter_mut().zip(&row) {
            *other += weight * (goal - own) * value;
        }
        self.changed = self.changed.min(self.normal.add_one(x8, &row, weight));
        self.floors[self.floor_count] = point;
        self.floor_count += 1;
        self.constraints_left -= 1;
    }

    /// The changes of least squared error, with these goals at the centres.
    #[inline(always)]
    fn solve<S: Simd, const V: usize>(
        &self,
        x8: F64x8<S, V>,
        interaction: &Interaction,
        goals: &Unknowns,
        changes: &mut Unknowns,
    ) {
        let mut shares = [0.0; WIDTH];
        for i in 0..BANDS_MAX {
            shares[i] = self.weights[i] * (goals[i] - self.own[i]);
        }
        interaction.centres_transposed.times(x8, &shares, changes);
        for i in 0..BANDS_MAX {
            changes[i] += self.others[i];
        }
        self.factor.solve(x8, changes);
        for i in 0..BANDS_MAX {
            changes[i] += self.target_changes[i];
        }
    }
}

impl Interaction {
    /// Changes from targets, both linear, for no more than [`BANDS_MAX`] bands.
    #[inline(always)]
    pub(super) fn solve_steeply<S: Simd, const V: usize>(
        &self,
        x8: F64x8<S, V>,
        targets: &[f32],
        target_changes: &Unknowns,
        tolerances: &Tolerances,
        changes: &mut Unknowns,
    ) {
        let (mut normal, mut factor) = (Normal::NONE, Factor::NONE);
        let mut constraints = Constraints::none(targets, target_changes, &mut normal, &mut factor);
        constraints.push_centres(x8, self, tolerances);
        if !self.quadrature.is_empty() {
            constraints.push_quadratures(x8, self, tolerances);
        }
        for round in 0..=ROUNDS {
            self.solve_constraints(x8, tolerances, &mut constraints, changes);
            let may_add = round < ROUNDS && constraints.constraints_left > 0;
            if !may_add || !self.push_floors(x8, targets, changes, &mut constraints) {
                break;
            }
        }
    }

    /// Solves for magnitudes: for the real part that makes them up with the imaginary part there is, as long as that
    /// lowers the error.
    #[inline(always)]
    fn solve_constraints<S: Simd, const V: usize>(
        &self,
        x8: F64x8<S, V>,
        tolerances: &Tolerances,
        constraints: &mut Constraints,
        changes: &mut Unknowns,
    ) {
        constraints.factor.factorise(x8, constraints.normal, constraints.changed);
        constraints.changed = BLOCKS;
        constraints.solve(x8, self, constraints.target_changes, changes);
        if self.quadrature.is_empty() {
            return;
        }
        let mut scales = [0.0; WIDTH];
        for i in 0..BANDS_MAX {
            scales[i] =
                1.0 / (tolerances.all()[i] + ACCURACY * (2.0 + constraints.target_changes[i]));
        }
        let mut best = *changes;
        let mut least = f64::INFINITY;
        let mut goals = *constraints.target_changes;
        for round in 0..=CORRECTIONS {
            let responses = Responses::new(x8, self, constraints.target_changes, changes);
            let mut sums = [0.0; LANES];
            for (errors, scales) in
                responses.errors.as_chunks::<LANES>().0.iter().zip(scales.as_chunks::<LANES>().0)
            {
                for lane in 0..LANES {
                    let part = errors[lane] * scales[lane];
                    sums[lane] += part * part;
                }
            }
            let error = x8.total(x8.load(&sums));
            if error < least {
                least = error;
                best = *changes;
            }
            if round == CORRECTIONS || responses.have_converged(&goals) {
                break;
            }
            goals = responses.real_parts;
            constraints.solve(x8, self, &goals, changes);
        }
        *changes = best;
    }

    /// Adds floors where the response falls lowest. Returns whether it does anywhere.
    #[inline(always)]
    fn push_floors<S: Simd, const V: usize>(
        &self,
        x8: F64x8<S, V>,
        targets: &[f32],
        changes: &Unknowns,
        constraints: &mut Constraints,
    ) -> bool {
        let (margins, before) = (FloorMargins::of(self), constraints.floor_count);
        let all = extremes(&changes[..self.bands]);
        let bounds = self.intervals.bounds(changes, all);
        // How far below its floor the response is at each point, where it can be; the points before
        // the first and after the last are none.
        let mut depths = [f64::NEG_INFINITY; (BANDS_MAX + 1) * POINTS];
        let (mut deep, mut many) = ([0; BANDS_MAX], 0);
        for i in 0..self.bands {
            let ceiling = ceiling_of_floors(targets, i) - margins.margin;
            if bounds[i] > ceiling {
                continue;
            }
            let responses = self.interval_responses(x8, i, changes);
            let points = self.points(i);
            if extremes(&responses[..points])[0] >= ceiling {
                continue;
            }
            let own = self.interval_responses(x8, i, constraints.target_changes);
            let mut deepest = 0.0;
            for point in 0..points {
                if responses[point] < ceiling {
                    let floor = floor(targets, i, point, own[point]);
                    let depth = floor - margins.margin - responses[point];
                    depths[i * POINTS + point + 1] = depth;
                    deepest = higher(deepest, depth);
                }
            }
            if deepest > 0.0 {
                deep[many] = i;
                many += 1;
            }
        }
        for i in &deep[..many] {
            let own = self.interval_responses(x8, *i, constraints.target_changes);
            for point in 0..self.points(*i) {
                let at = i * POINTS + point;
                let [below, depth, above] = [depths[at], depths[at + 1], depths[at + 2]];
                let is_deepest = depth > 0.0 && depth >= below && depth >= above;
                // A constraint that rounding keeps from being met is not added again.
                if is_deepest
                    && constraints.constraints_left > 0
                    && !constraints.floors[..before].contains(&at)
                {
                    let goal = floor(targets, *i, point, own[point]) + margins.above;
                    constraints.push_floor(x8, self, at, [own[point], goal]);
                }
            }
        }
        constraints.floor_count > before
    }
}
