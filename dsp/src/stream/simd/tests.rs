//! Every loop in every width, held against the definition.

use super::*;
use crate::vectors::Vectors;
use pulp::{Arch, Simd, WithSimd};

const TAPS: usize = 9 * LANES;

fn wave(length: usize, cycles: f64) -> Vec<f32> {
    (0..length).map(|n| crate::cast::single((cycles * crate::cast::real(n)).sin())).collect()
}

/// All loops over the same numbers.
struct All;

/// Where runs start, their taps, and how many coefficients a stride of 3 apart.
const START: usize = 30;
const RUN: (usize, usize) = (7, 20);

/// Samples between values that are gathered, and places between them; there are two in a place.
const SPACED: [(usize, usize); 4] = [(1, 2), (2, 2), (8, 3), (16, 2)];

impl All {
    /// Two channels that gather from two sources each.
    #[inline(always)]
    fn gathered<S: Simd>(&self, simd: S) -> Vec<f32> {
        let (x, y) = (wave(TAPS, 0.7), wave(TAPS, 0.4));
        let zeros = [0.0; MARGIN];
        let taps = [&zeros, &wave(LANES, 0.9)[..], &zeros].concat();
        let mut found = Vec::new();
        for (stride, apart) in SPACED {
            let source = |lane| Source { taps: &taps, values: [&x[lane..], &y[lane..]] };
            let (mut a, mut b) = ([0.0; 2 * LANES], [0.0; 2 * LANES]);
            gather(simd, &[source(0), source(1)], (stride, apart), [&mut a, &mut b]);
            found.extend(a.into_iter().chain(b));
        }
        found
    }

    /// The coefficients of two channels by lanes, of a whole and of a folded kernel.
    #[inline(always)]
    fn runs<S: Simd>(&self, simd: S) -> [Vec<f32>; 8] {
        let mut samples = [PolyphaseSamples::new(TAPS, 3), PolyphaseSamples::new(TAPS, 3)];
        samples[0].fill(&wave(TAPS, 0.7), 3);
        samples[1].fill(&wave(TAPS, 0.4), 3);
        let (re, im) = (wave(TAPS, 0.9), wave(TAPS, 1.3));
        let taps = PolyphaseTaps::new(&re[..RUN.0], &im[..RUN.0], 3);
        let mut found = [(); 8].map(|()| vec![0.0; RUN.1 + BLOCK]);
        let [a, b, c, d, e, f, g, h] = &mut found;
        let of = samples.each_ref();
        correlate_run(simd, of, START, &taps, RUN.1, [(a, b), (c, d)]);
        correlate_run_folded(simd, of, (START, START + 2), &taps, RUN.1, [(e, f), (g, h)]);
        for part in &mut found {
            part.truncate(RUN.1);
        }
        found
    }
}

impl WithSimd for All {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let (x, y) = (wave(TAPS, 0.7), wave(TAPS, 0.4));
        let (re, im) = (wave(TAPS, 0.9), wave(TAPS, 1.3));
        let mut found = Vec::new();
        let [whole, other] = correlate(simd, [&x, &y], (&re, &im));
        let both = correlate_folded(simd, [&x, &y], [&y, &x], (&re, &im));
        let one = correlate_folded(simd, [&x], [&y], (&re, &im));
        [whole, other, both[0], both[1], one[0]].into_iter().for_each(|parts| found.extend(parts));
        let [mut a, mut b, mut c, mut d] = [x.clone(), y.clone(), y, x];
        let coefficients = [[0.3, -0.2], [0.1, 0.4]];
        add_real(simd, coefficients, (&re, &im), [&mut a, &mut b]);
        let outputs = [(&mut c[..], &mut d[..]), (&mut a, &mut b)];
        add_real_folded(simd, coefficients, (&re, &im), outputs);
        add_real(simd, coefficients, (&re, &[]), [&mut c, &mut d]);
        let zeros = [0.0; MARGIN];
        let padded = [&re, &im].map(|taps| [&zeros, &taps[..TAPS / 3], &zeros].concat());
        let mut run = CoefficientBlock::new();
        run.re[0][..3].copy_from_slice(&[0.5, 0.6, -0.4]);
        run.re[1][..3].copy_from_slice(&[-0.3, 0.2, 0.7]);
        run.im[0][..3].copy_from_slice(&[0.1, -0.1, 0.3]);
        run.im[1][..3].copy_from_slice(&[0.2, 0.0, 0.9]);
        run.many = 3;
        add_run(simd, &run, 5, (&padded[0], &padded[1]), [&mut a, &mut b]);
        for channel in self.runs(simd) {
            found.extend(channel);
        }
        [a, b, c, d].into_iter().for_each(|output| found.extend(output));
        found.push(dot(simd, &re, &im));
        found.extend(self.gathered(simd));
        found
    }
}

/// The same by the definitions, one number after the other in double precision.
fn by_definition() -> Vec<f64> {
    let double = |wave: Vec<f32>| wave.into_iter().map(f64::from).collect::<Vec<_>>();
    let (x, y) = (double(wave(TAPS, 0.7)), double(wave(TAPS, 0.4)));
    let (re, im) = (double(wave(TAPS, 0.9)), double(wave(TAPS, 1.3)));
    let dot = |term: &dyn Fn(usize) -> f64| (0..TAPS).map(term).sum::<f64>();
    let folded = |older: &[f64], newer: &[f64]| {
        let sum = dot(&|n| (older[n] + newer[n]) * re[n]);
        [sum, dot(&|n| (older[n] - newer[n]) * im[n])]
    };
    let whole = |x: &[f64]| [dot(&|n| x[n] * re[n]), dot(&|n| x[n] * im[n])];
    let mut found = [whole(&x), whole(&y)].concat();
    found.extend([folded(&x, &y), folded(&y, &x), folded(&x, &y)].concat());
    let left = |n: usize, sign: f64| 0.3 * re[n] - sign * 0.2 * im[n];
    let right = |n: usize, sign: f64| 0.1 * re[n] + sign * 0.4 * im[n];
    let run = |n: usize, coefficients: [[f64; 2]; 3]| {
        let term = |(f, [a, b]): (usize, [f64; 2])| {
            let tap = n.checked_sub(5 * f).filter(|tap| *tap < TAPS / 3);
            tap.map_or(0.0, |tap| a * re[tap] - b * im[tap])
        };
        coefficients.into_iter().enumerate().map(term).sum::<f64>()
    };
    let left_run = |n| run(n, [[0.5, 0.1], [0.6, -0.1], [-0.4, 0.3]]);
    let right_run = |n| run(n, [[-0.3, 0.2], [0.2, 0.0], [0.7, 0.9]]);
    for newer in [0.0, 1.0] {
        for x in [&x, &y] {
            let coefficient = |f: usize, newer: f64, taps: &[f64]| {
                let both = |n: usize| x[START + 3 * f - n] + newer * x[START + 2 + 3 * f + n];
                (0..RUN.0).map(|n| both(n) * taps[n]).sum::<f64>()
            };
            found.extend((0..RUN.1).map(|f| coefficient(f, newer, &re)));
            found.extend((0..RUN.1).map(|f| coefficient(f, -newer, &im)));
        }
    }
    let whole = |n| left(n, -1.0) + right(n, -1.0) + left_run(n);
    found.extend((0..TAPS).map(|n| x[n] + whole(n)));
    found.extend((0..TAPS).map(|n| y[n] + right(n, -1.0) + right(n, 1.0) + right_run(n)));
    found.extend((0..TAPS).map(|n| y[n] + left(n, -1.0) + 0.3 * re[n]));
    found.extend((0..TAPS).map(|n| x[n] + left(n, 1.0) + 0.1 * re[n]));
    found.push(dot(&|n| re[n] * im[n]));
    for (stride, apart) in SPACED {
        for values in [&x, &y] {
            let sample = |n: usize| {
                let contributing = (1..).map(|i| (i, (n + LANES).checked_sub(i * stride)));
                let contributing = contributing.map_while(|(i, tap)| tap.map(|tap| (i, tap)));
                let contributing = contributing.filter(|(_, tap)| *tap < LANES);
                let value = |i: usize| values[i * apart] + values[i * apart + 1];
                contributing.map(|(i, tap)| value(i) * re[tap]).sum::<f64>()
            };
            found.extend((0..2 * LANES).map(sample));
        }
    }
    found
}

#[test]
fn every_width_agrees_with_the_definition_to_rounding() {
    let expected = by_definition();
    for vectors in [Vectors::Best(Arch::new()), Vectors::Scalar, Vectors::Emulated512] {
        let found = vectors.dispatch(All);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((f64::from(*found) - expected).abs() < 2e-5, "{found} {expected}");
        }
    }
}
