//! Gains for curves too steep for the bands.
//!
//! Least squares, weighted: the response comes to its targets, each centre within its own tolerance
//! τ_i, by gains that stay near their own targets, each within its own reach ρ_k:
//!
//! minimise Σ (A x − t)_i² / τ_i² + Σ (x_k − t_k)² / ρ_k².
//!
//! With E = diag ρ² the solution is x = t + E Aᵀ (A E Aᵀ + diag τ²)⁻¹ (t − A t), one positive definite
//! system with as many rows as there are demands. So demands can be added: that imaginary parts
//! vanish where little is to be left, and that the response stays up where it would fall to a null.

use super::cholesky::{Cholesky, SIZE, add, dot};
use super::guard::{Aims, floor};
use super::tolerance::{Tolerances, at, neighbours};
use super::{ACCURACY, Interaction, MOST, POINTS, real_part};
use crate::cast::single;

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
const FLOORS: usize = SIZE - MOST - QUADRATURES;

/// Rounds in which the response is held up at further frequencies.
const ROUNDS: usize = 4;

/// Rounds in which the imaginary parts at the centres are made up for.
const CORRECTIONS: usize = 4;

/// What is demanded of the changes of gain, x.
struct Demands<'a> {
    /// x where nothing is demanded.
    targets: &'a [f64],
    /// E.
    reaches: &'a [f64],
    rows: [&'a [f64]; SIZE],
    /// What `rows` times x shall be.
    goals: [f64; SIZE],
    many: usize,
    factor: Cholesky,
}

impl<'a> Demands<'a> {
    fn push(&mut self, row: &'a [f64], goal: f64, tolerance: f64) {
        let i = self.many;
        (self.rows[i], self.goals[i]) = (row, goal);
        let mut reaching = [0.0; MOST];
        for ((to, a), reach) in reaching.iter_mut().zip(row).zip(self.reaches) {
            *to = a * reach;
        }
        let own = tolerance * tolerance;
        let rows = &self.rows;
        self.factor.push(|j| dot(&reaching[..row.len()], rows[j]) + if j == i { own } else { 0.0 });
        self.many += 1;
    }

    fn solve(&self, changes: &mut [f64]) {
        let mut shares = [0.0; SIZE];
        for ((share, row), goal) in shares.iter_mut().zip(self.rows).zip(self.goals).take(self.many)
        {
            *share = goal - dot(row, self.targets);
        }
        self.factor.solve(&mut shares[..self.many]);
        changes.fill(0.0);
        for (share, row) in shares.iter().zip(self.rows).take(self.many) {
            add(changes, *share, row);
        }
        for ((change, reach), target) in changes.iter_mut().zip(self.reaches).zip(self.targets) {
            *change = target + reach * *change;
        }
    }
}

impl Interaction {
    /// Gains from targets, both linear, for no more than [`MOST`] bands.
    pub(super) fn solve_steeply(&self, wanted: &[f32], tolerances: &Tolerances, gains: &mut [f32]) {
        let bands = self.bands;
        let (mut targets, mut reaches) = ([0.0; MOST], [0.0; MOST]);
        for ((target, reach), wanted) in targets.iter_mut().zip(&mut reaches).zip(wanted) {
            let wanted = f64::from(*wanted);
            *target = wanted - 1.0;
            *reach = (REACH * wanted.clamp(PROPORTIONATE.0, PROPORTIONATE.1)).powi(2);
        }
        let mut demands = Demands {
            targets: &targets[..bands],
            reaches: &reaches[..bands],
            rows: [&[]; SIZE],
            goals: [0.0; SIZE],
            many: 0,
            factor: Cholesky::new(),
        };
        let centres = self.centres.chunks_exact(bands);
        for ((row, wanted), tolerance) in centres.zip(wanted).zip(tolerances.all()) {
            demands.push(row, f64::from(*wanted) - 1.0, tolerance.hypot(ACCURACY));
        }
        self.push_quadratures(wanted, tolerances, &mut demands);
        let aims = Aims::of(self);
        let mut changes = [0.0; MOST];
        let changes = &mut changes[..bands];
        for round in 0..=ROUNDS {
            self.solve_demands(wanted, tolerances, &mut demands, changes);
            if round < ROUNDS && !self.push_floors(wanted, &aims, changes, &mut demands) {
                break;
            }
        }
        for (gain, change) in gains.iter_mut().zip(changes) {
            *gain = single(1.0 + *change);
        }
    }

    /// Demands that little is left of the imaginary part where the target is low.
    fn push_quadratures<'a>(
        &'a self,
        wanted: &[f32],
        tolerances: &Tolerances,
        demands: &mut Demands<'a>,
    ) {
        let rows = self.quadrature.chunks_exact(self.bands).zip(tolerances.all()).enumerate();
        for (i, (row, tolerance)) in rows {
            let target = at(wanted, i);
            let highest =
                (1..=3).flat_map(|away| neighbours(wanted, i, away)).fold(target, f64::max);
            let low = 1.0 - target / (LOW * highest);
            if low > 0.0 && demands.many < self.bands + QUADRATURES {
                demands.push(row, 0.0, tolerance + QUADRATURE_ACCURACY * target / low);
            }
        }
    }

    /// Solves for magnitudes: for the real part that makes them up with the imaginary part there is,
    /// as long as that comes nearer.
    fn solve_demands(
        &self,
        wanted: &[f32],
        tolerances: &Tolerances,
        demands: &mut Demands,
        changes: &mut [f64],
    ) {
        for (goal, wanted) in demands.goals.iter_mut().zip(wanted) {
            *goal = f64::from(*wanted) - 1.0;
        }
        demands.solve(changes);
        if self.quadrature.is_empty() {
            return;
        }
        let mut best = [0.0; MOST];
        let best = &mut best[..self.bands];
        best.copy_from_slice(changes);
        let mut least = f64::INFINITY;
        for round in 0..=CORRECTIONS {
            let mut error = 0.0;
            let rows = self.quadrature.chunks_exact(self.bands);
            let rows = rows.zip(self.centres.chunks_exact(self.bands));
            let wanted = wanted.iter().zip(tolerances.all());
            for ((goal, (quadrature, centre)), (wanted, tolerance)) in
                demands.goals.iter_mut().zip(rows).zip(wanted)
            {
                let (wanted, imaginary) = (f64::from(*wanted), dot(quadrature, changes));
                let magnitude = imaginary.hypot(1.0 + dot(centre, changes));
                error += ((magnitude - wanted) / (tolerance + ACCURACY * (1.0 + wanted))).powi(2);
                *goal = real_part(wanted, imaginary) - 1.0;
            }
            if error < least {
                least = error;
                best.copy_from_slice(changes);
            }
            if round < CORRECTIONS {
                demands.solve(changes);
            }
        }
        changes.copy_from_slice(best);
    }

    /// Demands that the response stays up wherever it falls lowest. Returns whether it does anywhere.
    fn push_floors<'a>(
        &'a self,
        wanted: &[f32],
        aims: &Aims,
        changes: &[f64],
        demands: &mut Demands<'a>,
    ) -> bool {
        let before = demands.many;
        let most = self.bands + QUADRATURES + FLOORS;
        let mut depths = [0.0; MOST * POINTS + 2];
        for (point, row) in self.grid.chunks_exact(self.bands).enumerate() {
            let floor = floor(self, wanted, point);
            depths[point + 1] = floor - aims.margin - 1.0 - dot(row, changes);
        }
        for (point, row) in self.grid.chunks_exact(self.bands).enumerate() {
            let [below, depth, above] = [depths[point], depths[point + 1], depths[point + 2]];
            // Where rounding keeps a demand from being met, it is not made again.
            let again =
                demands.rows[before.min(self.bands)..before].iter().any(|r| std::ptr::eq(*r, row));
            if depth > 0.0 && depth >= below && depth >= above && !again && demands.many < most {
                let goal = floor(self, wanted, point) + aims.above - 1.0;
                demands.push(row, goal, FLOOR_ACCURACY);
            }
        }
        demands.many > before
    }
}
