//! `erbium bank` as a program: numbers, kernels and pictures of a bank.

use crate::program::{fail, folder, names, noise, read_npz, succeed};
use num_complex::Complex;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn a_bank_is_described_in_numbers() {
    let folder = folder();
    let arguments = ["bank", "--json", "--scale", "mel", "--bands", "24", "--latency-ms", "8"];
    let (json, _) = succeed(folder.path(), &arguments);
    let object: serde_json::Value = serde_json::from_str(&json).expect("one object");
    let object = object.as_object().expect("one object");
    let named =
        [("kind", "isac"), ("scale", "mel"), ("quality", "standard"), ("prototype", "hann2")];
    for (key, expected) in named {
        assert_eq!(object[key], expected);
    }
    let numbers = [
        "bands",
        "latency_ms",
        "rate",
        "latency_samples",
        "flat_noise_db",
        "flat_sine_db",
        "alias_notch_db",
        "alias_solo_db",
        "alias_random_db",
        "alias_zigzag_db",
        "condition_number",
        "frame_lower",
        "frame_upper",
        "psd_ripple_db",
        "macs_per_sample",
        "streamed_macs_per_sample",
        "held_macs_per_sample",
        "design_ms",
    ];
    for key in numbers {
        assert!(object[key].as_f64().is_some_and(f64::is_finite), "{key}: {}", object[key]);
    }
    assert_eq!(object.len(), named.len() + numbers.len());
    assert_eq!(object["latency_samples"], 384);
    assert!(object["flat_noise_db"].as_f64().expect("a number") < -60.0);
    let (summary, _) = succeed(
        folder.path(),
        &arguments.map(|word| if word == "--json" { "--kind=isac" } else { word }),
    );
    assert!(summary.contains("384 samples, 8.00 ms"), "{summary}");
}

#[test]
fn exported_kernels_and_duals_reconstruct_noise() {
    let folder = folder();
    let path = folder.path().join("bank.npz");
    for sizing in [
        &["--latency-ms", "11"][..],
        &["--kernel-size", "128", "--stride", "8", "--prototype", "hann"],
    ] {
        let arguments =
            [&["bank", "--json", "--bands", "20", "--rate", "16000", "-o", "bank.npz"], sizing]
                .concat();
        let (json, _) = succeed(folder.path(), &arguments);
        let report: serde_json::Value = serde_json::from_str(&json).expect("one object");
        let reported_db = report["flat_noise_db"].as_f64().expect("a number");
        // The figure is exact; noise is finite.
        let error_db = reconstruction_error_db(&path, "phases");
        assert!((error_db - reported_db).abs() < 1.0, "{error_db} dB, {reported_db} reported");
        // Any phases do, at the price of some alias.
        let error_db = reconstruction_error_db(&path, "");
        assert!(error_db < reported_db + 6.0, "{error_db} dB, {reported_db} reported");
    }
}

/// y[n] = Re Σ_k Σ_j duals[k, n − t] · Σ_l kernels[k, l] · x[t − l], written out, with
/// t = j·strides[k] + phases[k], or without phases.
fn reconstruction_error_db(path: &Path, phases: &str) -> f64 {
    let (shape, kernels) = read_npz::<Complex<f64>>(path, "kernels");
    let (dual_shape, duals) = read_npz::<Complex<f64>>(path, "duals");
    let (_, strides) = read_npz::<i64>(path, "strides");
    let phases = if phases.is_empty() { vec![0; 20] } else { read_npz::<i64>(path, phases).1 };
    let (scalar, latency) = read_npz::<i64>(path, "latency_samples");
    assert_eq!((scalar.len(), shape[0], dual_shape[0]), (0, 20, 20));
    for name in ["centres_hz", "bandwidths_hz"] {
        assert_eq!(read_npz::<f64>(path, name).0, [20]);
    }
    assert_eq!(read_npz::<i64>(path, "supports").0, [20]);
    let [length, dual_length] = [shape[1], dual_shape[1]];
    let latency = usize::try_from(latency[0]).expect("positive");
    let input = noise(4000, 11);
    let mut output = vec![0.0; input.len() + dual_length];
    for (k, (&stride, &phase)) in strides.iter().zip(&phases).enumerate() {
        let [stride, phase] =
            [stride, phase].map(|samples| usize::try_from(samples).expect("positive"));
        for time in (phase..input.len()).step_by(stride) {
            let kernel = kernels[k * length..].iter().take(length);
            let before = input[..=time].iter().rev();
            let coefficient: Complex<f64> =
                kernel.zip(before).map(|(tap, &x)| tap * f64::from(x)).sum();
            let dual = duals[k * dual_length..].iter().take(dual_length);
            for (y, tap) in output[time..].iter_mut().zip(dual) {
                *y += (tap * coefficient).re;
            }
        }
    }
    let (mut error, mut power) = (0.0, 0.0);
    for (x, y) in input.iter().zip(&output[latency..]).skip(500).take(3000) {
        error += (y - f64::from(*x)).powi(2);
        power += f64::from(*x).powi(2);
    }
    10.0 * (error / power).log10()
}

#[test]
fn a_bank_that_does_not_reconstruct_is_warned_of() {
    let folder = folder();
    let bank = ["bank", "--kernel-size", "128", "--rate", "16000", "--prototype", "hann"];
    let warned = |stride| succeed(folder.path(), &[&bank[..], &["--stride", stride]].concat()).1;
    assert!(warned("16").starts_with("erbium: warning: ") && warned("16").contains("--stride"));
    assert_eq!(warned("2"), "");
}

/// The pixels of a picture as (red, green, blue).
fn read_png(path: &Path) -> (u32, u32, Vec<[u8; 3]>) {
    let file = std::io::BufReader::new(fs::File::open(path).expect("exists"));
    let mut reader = png::Decoder::new(file).read_info().expect("a picture");
    let mut pixels = vec![0; reader.output_buffer_size().expect("fits")];
    let frame = reader.next_frame(&mut pixels).expect("complete");
    let pixels = pixels.chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect();
    (frame.width, frame.height, pixels)
}

const PICTURES: [&str; 5] = ["alias.png", "bands.png", "curve.png", "flat.png", "impulse.png"];

#[test]
fn a_bank_is_drawn() {
    let folder = folder();
    let options = ["bank", "--bands", "12", "--latency-ms", "4", "--rate", "16000"];
    succeed(folder.path(), &[&options[..], &["--plots", "new/pictures"]].concat());
    let pictures = folder.path().join("new/pictures");
    assert_eq!(names(&pictures), PICTURES.map(str::to_owned).into());
    for name in PICTURES {
        let (width, height, pixels) = read_png(&pictures.join(name));
        assert_eq!((width, height), (1200, 600), "{name}");
        assert!(fs::metadata(pictures.join(name)).expect("exists").len() < 100_000, "{name}");
        // A line in blue from one end of the axis to the other, or nearly so.
        let blue = |rgb: &[u8; 3]| rgb[2] > 120 && rgb[0] < 60;
        let columns: BTreeSet<usize> =
            (0..pixels.len()).filter(|&n| blue(&pixels[n])).map(|n| n % 1200).collect();
        assert!(columns.len() > 300, "{name}: {} columns", columns.len());
        assert!(*columns.first().expect("some") > 80 && *columns.last().expect("some") < 1190);
    }
}

#[test]
fn where_one_picture_cannot_be_there_are_none() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("pictures/flat.png")).expect("made");
    let said = fail(folder.path(), &["bank", "--bands", "12", "--plots", "pictures"]);
    assert!(said.contains("flat.png is a folder"), "{said}");
    assert_eq!(names(&folder.path().join("pictures")), ["flat.png".to_owned()].into());
}
