//! Responses of filters beside those that `tests/python/filter_responses.py` computed with SciPy, and
//! curves of few points beside the sums of responses that they stand for.

use erbium_curve::{Curve, Filter, Point, SAMPLED_WITHIN_DB, Shape, Width, read_filter, sampled};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

#[test]
fn every_type_of_filter_has_the_response_that_scipy_computes() {
    let text = include_str!("data/filter_responses.txt");
    let (mut lines, mut worst_db) = (0, 0.0_f64);
    for line in text.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().expect("a field");
        let rate_hz: f64 = next().parse().expect("a rate");
        let words = next();
        let filter = read_filter(words).unwrap_or_else(|error| panic!("{words}: {error}"));
        let response = filter.expect("a filter").response(rate_hz);
        for pair in fields {
            let (hz, db) = pair.split_once(' ').expect("a pair");
            let [hz, db] = [hz, db].map(|number| number.parse::<f64>().expect("a number"));
            let off_db = (response.db(hz) - db).abs();
            assert!(
                off_db < 1e-6,
                "{words} at {rate_hz} Hz: {} for {db} dB at {hz} Hz",
                response.db(hz)
            );
            worst_db = worst_db.max(off_db);
        }
        lines += 1;
    }
    println!("{lines} filters, the worst response {worst_db:e} dB off");
    assert_eq!(lines, 96);
}

fn any_filter(random: &mut StdRng, rate_hz: f64) -> Filter {
    let shapes = [
        Shape::Peak,
        Shape::Peak,
        Shape::LowShelf,
        Shape::HighShelf,
        Shape::LowPass,
        Shape::HighPass,
        Shape::LowPassFirstOrder,
        Shape::HighPassFirstOrder,
        Shape::Notch,
    ];
    let shape = shapes[random.random_range(0..shapes.len())];
    let is_shelf = matches!(shape, Shape::LowShelf | Shape::HighShelf);
    let width = match random.random_range(0..3) {
        0 if is_shelf => Width::Slope(random.random_range(0.1..1.0)),
        1 if !is_shelf => Width::Octaves(random.random_range(0.02..3.0)),
        _ => Width::Q(0.2 * 500.0_f64.powf(random.random())),
    };
    let hz = 10.0 * (rate_hz / 20.2).powf(random.random());
    Filter {
        is_corner: random.random(),
        ..Filter::new(shape, hz, random.random_range(-24.0..24.0), width)
    }
}

#[test]
fn a_curve_of_filters_is_as_near_to_their_sum_as_is_said() {
    let mut random = StdRng::seed_from_u64(5);
    let (mut worst_db, mut most_points) = (0.0_f64, 0);
    for round in 0..60 {
        let rate_hz = [16_000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0][round % 5];
        let filters: Vec<Filter> =
            (0..random.random_range(1..20)).map(|_| any_filter(&mut random, rate_hz)).collect();
        let nodes = [(20.0, 3.0), (500.0, -6.0), (7000.0, 2.0)].map(|(hz, db)| Point { hz, db });
        let graphic = if round % 2 == 0 {
            Curve::flat()
        } else {
            Curve::new(nodes.to_vec()).expect("a curve")
        };
        let curve = sampled(&filters, &graphic, rate_hz);
        let responses: Vec<_> = filters.iter().map(|filter| filter.response(rate_hz)).collect();
        for k in 0..=20_000 {
            let hz = (rate_hz / 2.0).powf(f64::from(k) / 20_000.0);
            let sum_db: f64 = responses.iter().map(|response| response.db(hz)).sum();
            let sum_db = (sum_db + graphic.at_db(hz)).max(erbium_curve::FLOOR_DB);
            let off_db = (curve.at_db(hz) - sum_db).abs();
            worst_db = worst_db.max(off_db);
            assert!(
                off_db < SAMPLED_WITHIN_DB,
                "round {round}: {off_db} dB at {hz} Hz of {filters:?}"
            );
        }
        for hz in
            filters.iter().map(Filter::middle_hz).filter(|hz| *hz > 1.0 && *hz < rate_hz / 2.0)
        {
            let point = curve.points().iter().find(|point| point.hz == hz);
            assert!(point.is_some(), "round {round}: no peak is cut off at {hz} Hz");
        }
        most_points = most_points.max(curve.points().len());
    }
    println!("the worst {worst_db} dB off, up to {most_points} points");
    assert!(most_points < 5000, "{most_points} points");
}
