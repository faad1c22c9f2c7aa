//! Few filters that come near to a curve: least squares by the Levenberg-Marquardt method
//! ([Marquardt 1963](https://doi.org/10.1137/0111030)), one filter more at a time where most is missing.

use crate::curve::Curve;
use crate::filter::{Filter, Shape, Width};

/// Where a fit is judged, in hertz, as far as the sampling rate goes.
const RANGE_HZ: [f64; 2] = [20.0, 20_000.0];
/// The places at which it is judged, in an octave.
const PLACES_IN_OCTAVE: f64 = 24.0;
/// A fit this near in dB needs no further filter.
const NEAR_DB: f64 = 0.05;
/// The bounds of a filter: its gain in dB, and the Q of peaks and of shelves.
const GAIN_MAX_DB: f64 = 30.0;
const PEAK_Q: [f64; 2] = [0.2, 16.0];
const SHELF_Q: [f64; 2] = [0.3, 1.0];

/// Filters that stand for a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The filters: peaks, and shelves with Fc in the middle, with widths as Q.
    pub filters: Vec<Filter>,
    /// The gain in dB besides the filters.
    pub offset_db: f64,
    /// The largest difference in dB from the curve.
    pub worst_db: f64,
    /// The root of the mean square of the difference in dB, over the logarithm of the frequency.
    pub rms_db: f64,
    /// From where to where in hertz both are of.
    pub range_hz: [f64; 2],
}

/// At most `most` filters and an offset that come near to a curve at a sampling rate in hertz, rounded as
/// [`parametric_eq`](super::parametric_eq) writes them.
#[must_use]
pub fn fit(curve: &Curve, sample_rate_hz: f64, most: usize) -> Fit {
    let range_hz = [RANGE_HZ[0], RANGE_HZ[1].min(0.45 * sample_rate_hz)];
    let octaves = (range_hz[1] / range_hz[0]).log2();
    let places = (0..).map(|k| f64::from(k) / PLACES_IN_OCTAVE).take_while(|at| *at <= octaves);
    let hz: Vec<f64> = places.map(|octave| range_hz[0] * octave.exp2()).collect();
    let target_db: Vec<f64> = hz.iter().map(|hz| curve.at_db(*hz)).collect();
    let problem = Problem { hz, target_db, sample_rate_hz, range_hz };
    let mut model = Model { offset_db: mean(&problem.target_db), filters: Vec::new() };
    while model.filters.len() < most && worst(&problem.residual_db(&model)) > NEAR_DB {
        let wider = problem.improved(&problem.with_one_more(&model), 60);
        // Two at the ends are shelves, if that is nearer.
        let shelves = problem.improved(&problem.with_a_shelf(&model), 60);
        model = if problem.cost(&shelves) < problem.cost(&wider) { shelves } else { wider };
    }
    model = problem.improved(&model, 300).rounded();
    let residual_db = problem.residual_db(&model);
    model.filters.sort_by(|a, b| a.hz.total_cmp(&b.hz));
    let squares: Vec<f64> = residual_db.iter().map(|db| db * db).collect();
    let (worst_db, rms_db) = (worst(&residual_db), mean(&squares).sqrt());
    Fit { filters: model.filters, offset_db: model.offset_db, worst_db, rms_db, range_hz }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / u32::try_from(values.len()).map_or(1.0, f64::from).max(1.0)
}

fn worst(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |worst, value| worst.max(value.abs()))
}

/// What is fitted: an offset, and of each filter the logarithms of frequency and Q, and the gain.
#[derive(Clone, Debug)]
struct Model {
    offset_db: f64,
    filters: Vec<Filter>,
}

impl Model {
    fn parameters(&self) -> Vec<f64> {
        let of = |filter: &Filter| [filter.hz.ln(), filter.gain_db, q(filter).ln()];
        std::iter::once(self.offset_db).chain(self.filters.iter().flat_map(of)).collect()
    }

    /// The same filters with other parameters, brought into their bounds.
    fn with(&self, parameters: &[f64], range_hz: [f64; 2]) -> Self {
        let filters = self.filters.iter().zip(parameters[1..].chunks_exact(3));
        let filter = |(filter, of): (&Filter, &[f64])| {
            let bounds = if filter.shape == Shape::Peak { PEAK_Q } else { SHELF_Q };
            Filter {
                hz: of[0].exp().clamp(range_hz[0], range_hz[1]),
                gain_db: of[1].clamp(-GAIN_MAX_DB, GAIN_MAX_DB),
                width: Width::Q(of[2].exp().clamp(bounds[0], bounds[1])),
                ..*filter
            }
        };
        Self { offset_db: parameters[0], filters: filters.map(filter).collect() }
    }

    fn rounded(&self) -> Self {
        let to = |number: f64, of: f64| (number * of).round() / of;
        let filter = |filter: &Filter| Filter {
            hz: to(filter.hz, 100.0),
            gain_db: to(filter.gain_db, 100.0),
            width: Width::Q(to(q(filter), 1000.0)),
            ..*filter
        };
        let filters = self.filters.iter().map(filter).collect();
        Self { offset_db: to(self.offset_db, 100.0), filters }
    }
}

const fn q(filter: &Filter) -> f64 {
    match filter.width {
        Width::Q(q) => q,
        _ => 1.0,
    }
}

struct Problem {
    hz: Vec<f64>,
    target_db: Vec<f64>,
    sample_rate_hz: f64,
    range_hz: [f64; 2],
}

impl Problem {
    fn response_db(&self, filter: &Filter) -> Vec<f64> {
        let response = filter.response(self.sample_rate_hz);
        self.hz.iter().map(|hz| response.db(*hz)).collect()
    }

    /// What is missing, in dB.
    fn residual_db(&self, model: &Model) -> Vec<f64> {
        let mut residual_db: Vec<f64> =
            self.target_db.iter().map(|db| db - model.offset_db).collect();
        for filter in &model.filters {
            let response_db = self.response_db(filter);
            residual_db.iter_mut().zip(response_db).for_each(|(left, db)| *left -= db);
        }
        residual_db
    }

    fn cost(&self, model: &Model) -> f64 {
        self.residual_db(model).iter().map(|db| db * db).sum()
    }

    /// With a peak where most is missing, as wide as that is.
    fn with_one_more(&self, model: &Model) -> Model {
        let residual_db = self.residual_db(model);
        let top = (0..residual_db.len())
            .max_by(|a, b| residual_db[*a].abs().total_cmp(&residual_db[*b].abs()))
            .unwrap_or(0);
        let half =
            |k: &usize| residual_db[*k] * residual_db[top].signum() < residual_db[top].abs() / 2.0;
        let left = (0..top).rev().find(half).unwrap_or(0);
        let right = (top..residual_db.len()).find(half).unwrap_or(residual_db.len() - 1);
        let width = (self.hz[right] / self.hz[left]).sqrt();
        let q = (1.0 / (width - 1.0 / width).max(0.05)).clamp(PEAK_Q[0], PEAK_Q[1]);
        let peak = Filter::new(Shape::Peak, self.hz[top], residual_db[top], Width::Q(q));
        self.with_filter(model, peak)
    }

    /// With a shelf at the end where more is missing.
    fn with_a_shelf(&self, model: &Model) -> Model {
        let residual_db = self.residual_db(model);
        let end = residual_db.len() / 8;
        let [low_db, high_db] =
            [mean(&residual_db[..end]), mean(&residual_db[residual_db.len() - end..])];
        let q = Width::Q(std::f64::consts::FRAC_1_SQRT_2);
        let shelf = if low_db.abs() > high_db.abs() {
            Filter::new(Shape::LowShelf, self.range_hz[0] * 5.0, low_db, q)
        } else {
            Filter::new(Shape::HighShelf, self.range_hz[1] / 2.5, high_db, q)
        };
        self.with_filter(model, shelf)
    }

    fn with_filter(&self, model: &Model, filter: Filter) -> Model {
        let mut model = model.clone();
        model.filters.push(filter);
        let parameters = model.parameters();
        model.with(&parameters, self.range_hz)
    }

    /// After at most so many steps, each of which is taken only if it is nearer.
    fn improved(&self, start: &Model, steps: usize) -> Model {
        let (mut model, mut cost, mut damping) = (start.clone(), self.cost(start), 1e-2);
        for _ in 0..steps {
            let residual_db = self.residual_db(&model);
            let slopes = self.slopes(&model);
            let Some(step) = step(&slopes, &residual_db, damping) else { break };
            let parameters: Vec<f64> =
                model.parameters().iter().zip(step).map(|(value, step)| value + step).collect();
            let next = model.with(&parameters, self.range_hz);
            let next_cost = self.cost(&next);
            if next_cost < cost {
                let gained = cost - next_cost;
                (model, cost, damping) = (next, next_cost, (damping / 5.0).max(1e-9));
                if gained < 1e-9 * (cost + 1e-9) {
                    break;
                }
            } else {
                damping *= 4.0;
                if damping > 1e9 {
                    break;
                }
            }
        }
        model
    }

    /// How the response in dB changes with each parameter, by small differences.
    fn slopes(&self, model: &Model) -> Vec<Vec<f64>> {
        const STEP: f64 = 1e-5;
        let mut slopes = vec![vec![1.0; self.hz.len()]];
        for filter in &model.filters {
            let before_db = self.response_db(filter);
            let moved = [
                Filter { hz: filter.hz * STEP.exp(), ..*filter },
                Filter { gain_db: filter.gain_db + STEP, ..*filter },
                Filter { width: Width::Q(q(filter) * STEP.exp()), ..*filter },
            ];
            for moved in moved {
                let after_db = self.response_db(&moved);
                let slope =
                    after_db.iter().zip(&before_db).map(|(after, before)| (after - before) / STEP);
                slopes.push(slope.collect());
            }
        }
        slopes
    }
}

/// The step of the normal equations, damped by so much of their diagonal; `None` where they have none.
fn step(slopes: &[Vec<f64>], residual: &[f64], damping: f64) -> Option<Vec<f64>> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let n = slopes.len();
    let mut matrix: Vec<Vec<f64>> =
        slopes.iter().map(|a| slopes.iter().map(|b| dot(a, b)).collect()).collect();
    for (k, row) in matrix.iter_mut().enumerate() {
        row[k] = row[k] * (1.0 + damping) + 1e-9;
    }
    let mut step: Vec<f64> = slopes.iter().map(|slope| dot(slope, residual)).collect();
    // Cholesky: the matrix is symmetric and, damped, positive definite.
    for j in 0..n {
        for i in j..n {
            let sum: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let value = matrix[i][j] - sum;
            matrix[i][j] = if i == j { value.sqrt() } else { value / matrix[j][j] };
        }
        if !(matrix[j][j] > 0.0 && matrix[j][j].is_finite()) {
            return None;
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| matrix[i][k] * step[k]).sum();
        step[i] = (step[i] - sum) / matrix[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| matrix[k][i] * step[k]).sum();
        step[i] = (step[i] - sum) / matrix[i][i];
    }
    step.iter().all(|step| step.is_finite()).then_some(step)
}
