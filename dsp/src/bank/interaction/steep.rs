//! Gains for curves too steep for the bands.
//!
//! Least squares, weighted: the response comes to its targets, each centre within its own tolerance
//! τ_i, by gains that stay near their own targets, each within its own reach ρ_k:
//!
//! minimise Σ (A x − t)_i² / τ_i² + Σ (x_k − t_k)² / ρ_k².
//!
//! With E = diag ρ² and T = diag τ² the solution is x = t + d, (Aᵀ T⁻¹ A + E⁻¹) d = Aᵀ T⁻¹ (t − A t): one
//! positive definite system, next to nothing away from its diagonal as A is. Demands can be added to
//! it: that imaginary parts vanish where little is to be left, and that the response stays up where
//! it would fall to a null.

use super::guard::{Aims, ceiling_of_floors, extremes};
use super::normal::{Factor, Normal, Unknowns, WIDTH};
use super::rows::Row;
use super::tolerance::{Tolerances, at, neighbours};
use super::{ACCURACY, Interaction, MOST, POINTS};
use pulp::Simd;

/// How far a gain may be from its target, for one unit of [`ACCURACY`], in targets.
const REACH: f64 = 2.0;

/// Targets between which gains have a reach in proportion: −20 to +12 dB.
const PROPORTIONATE: (f64, f64) = (0.1, 4.0);

/// Imaginary parts matter where a target is below this part of one within three centres.
const LOW: f64 = 0.5;

/// The accuracy of the imaginary part, in targets.
const QUADRATURE_ACCURACY: f64 = 0.03;

/// The accuracy of a response that is held up.
const FLOOR_ACCURACY: f64 = 1e-3;

/// The most demands on imaginary parts, and on responses to be held up.
const QUADRATURES: usize = 32;
const FLOORS: usize = 16;

/// The most demands.
const SIZE: usize = MOST + QUADRATURES + FLOORS;

/// Rounds in which the response is held up at further frequencies.
const ROUNDS: usize = 4;

/// Rounds in which the imaginary parts at the centres are made up for.
const CORRECTIONS: usize = 4;

/// What is demanded of the changes of gain, x.
struct Demands<'a> {
    /// x where nothing is demanded.
    wanted: &'a [f64],
    rows: [Row<'a>; SIZE],
    /// What `rows` times x shall be.
    goals: [f64; SIZE],
    /// What `rows` times `wanted` is.
    own: [f64; SIZE],
    /// T⁻¹.
    weights: [f64; SIZE],
    many: usize,
    normal: Normal,
    factor: Factor,
}

impl<'a> Demands<'a> {
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn push<S: Simd>(&mut self, simd: S, row: Row<'a>, goal: f64, tolerance: f64) {
        let i = self.many;
        (self.rows[i], self.goals[i]) = (row, goal);
        self.own[i] = row.dot(simd, self.wanted);
        self.weights[i] = 1.0 / (tolerance * tolerance);
        self.normal.add(simd, row, self.weights[i]);
        self.many += 1;
    }

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn solve<S: Simd>(&self, simd: S, changes: &mut Unknowns) {
        changes.fill(0.0);
        for i in 0..self.many {
            let share = self.weights[i] * (self.goals[i] - self.own[i]);
            self.rows[i].add(simd, share, changes);
        }
        self.factor.solve(simd, changes);
        for (change, wanted) in changes.iter_mut().zip(self.wanted) {
            *change += wanted;
        }
    }
}

impl Interaction {
    /// Changes from targets, both linear, for no more than [`MOST`] bands.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub(super) fn solve_steeply<S: Simd>(
        &self,
        simd: S,
        targets: &[f32],
        wanted: &[f64],
        tolerances: &Tolerances,
        solved: &mut [f64],
    ) {
        let mut inverse_reaches = [0.0; MOST];
        for (inverse, target) in inverse_reaches.iter_mut().zip(targets) {
            let reach = REACH * f64::from(*target).clamp(PROPORTIONATE.0, PROPORTIONATE.1);
            *inverse = 1.0 / (reach * reach);
        }
        let mut demands = Demands {
            wanted,
            rows: [Row::EMPTY; SIZE],
            goals: [0.0; SIZE],
            own: [0.0; SIZE],
            weights: [0.0; SIZE],
            many: 0,
            normal: Normal::new(&inverse_reaches[..self.bands]),
            factor: Factor::new(),
        };
        for (i, tolerance) in tolerances.all().iter().enumerate() {
            let tolerance = (tolerance * tolerance + ACCURACY * ACCURACY).sqrt();
            demands.push(simd, self.centres.row(i), wanted[i], tolerance);
        }
        self.push_quadratures(simd, targets, tolerances, &mut demands);
        let aims = Aims::of(self);
        let mut changes: Unknowns = [0.0; WIDTH];
        for round in 0..=ROUNDS {
            self.solve_demands(simd, targets, tolerances, &mut demands, &mut changes);
            if round < ROUNDS && !self.push_floors(simd, targets, &aims, &changes, &mut demands) {
                break;
            }
        }
        solved[..self.bands].copy_from_slice(&changes[..self.bands]);
    }

    /// Demands that little is left of the imaginary part where the target is low.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn push_quadratures<'a, S: Simd>(
        &'a self,
        simd: S,
        targets: &[f32],
        tolerances: &Tolerances,
        demands: &mut Demands<'a>,
    ) {
        for i in 0..self.quadrature.len() {
            let target = at(targets, i);
            let mut highest = target;
            for away in 1..=3 {
                let [below, above] = neighbours(targets, i, away);
                highest = highest.max(below).max(above);
            }
            let low = 1.0 - target / (LOW * highest);
            if low > 0.0 && demands.many < self.bands + QUADRATURES {
                let tolerance = tolerances.all()[i] + QUADRATURE_ACCURACY * target / low;
                demands.push(simd, self.quadrature.row(i), 0.0, tolerance);
            }
        }
    }

    /// Solves for magnitudes: for the real part that makes them up with the imaginary part there is,
    /// as long as that comes nearer.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn solve_demands<S: Simd>(
        &self,
        simd: S,
        targets: &[f32],
        tolerances: &Tolerances,
        demands: &mut Demands,
        changes: &mut Unknowns,
    ) {
        demands.goals[..self.bands].copy_from_slice(&demands.wanted[..self.bands]);
        demands.factor.take(simd, &demands.normal);
        demands.solve(simd, changes);
        if self.quadrature.is_empty() {
            return;
        }
        let mut best = *changes;
        let mut least = f64::INFINITY;
        for round in 0..=CORRECTIONS {
            let mut error = 0.0;
            for (i, tolerance) in tolerances.all().iter().enumerate() {
                let (target, response) = (f64::from(targets[i]), self.response(simd, i, changes));
                let part =
                    (response.magnitude() - target) / (tolerance + ACCURACY * (1.0 + target));
                error += part * part;
                demands.goals[i] = response.real_part_for(target) - 1.0;
            }
            if error < least {
                least = error;
                best = *changes;
            }
            if round < CORRECTIONS {
                demands.solve(simd, changes);
            }
        }
        *changes = best;
    }

    /// Demands that the response stays up wherever it falls lowest. Returns whether it does anywhere.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn push_floors<'a, S: Simd>(
        &'a self,
        simd: S,
        targets: &[f32],
        aims: &Aims,
        changes: &Unknowns,
        demands: &mut Demands<'a>,
    ) -> bool {
        let before = demands.many;
        let most = self.bands + QUADRATURES + FLOORS;
        let all = extremes(&changes[..self.bands]);
        // How far below its floor the response is at each point, where it can be.
        let mut depths = [f64::NEG_INFINITY; MOST * POINTS + 2];
        let mut floors = [0.0; MOST * POINTS];
        let mut any = false;
        for (i, interval) in self.intervals.iter().enumerate() {
            let ceiling = ceiling_of_floors(targets, i);
            if interval.is_above(ceiling, changes, all) {
                continue;
            }
            for point in self.points(i) {
                let response = 1.0 + self.grid.row(point).dot(simd, changes);
                if response < ceiling {
                    floors[point] = self.floor(simd, targets, demands.wanted, point);
                    depths[point + 1] = floors[point] - aims.margin - response;
                    any = any || depths[point + 1] > 0.0;
                }
            }
        }
        if !any {
            return false;
        }
        for point in 0..self.grid.len() {
            let [below, depth, above] = [depths[point], depths[point + 1], depths[point + 2]];
            if depth > 0.0 && depth >= below && depth >= above && demands.many < most {
                let row = self.grid.row(point);
                // Where rounding keeps a demand from being met, it is not made again.
                let mut again = false;
                for made in &demands.rows[self.bands..before] {
                    again = again || std::ptr::eq(made.values, row.values);
                }
                if !again {
                    demands.push(simd, row, floors[point] + aims.above - 1.0, FLOOR_ACCURACY);
                }
            }
        }
        demands.many > before
    }
}
