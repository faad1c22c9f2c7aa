//! What is shown, saved as files.

use crate::harness::{SpectrogramHarness, tone};
use egui_kittest::kittest::Queryable;
use std::path::Path;
use std::time::{Duration, Instant};

#[test]
fn what_is_shown_is_saved_as_picture_array_and_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("Erbium");
    let mut harness = SpectrogramHarness::saving_into(&own);
    harness.play(7.0, tone);
    harness.freeze();
    let mut save = |what: &str, name: &str| {
        harness.choose("Save", what);
        let path = own.join(name);
        let deadline = Instant::now() + Duration::from_secs(60);
        while harness.egui.query_by_label(&format!("Saved {}", path.display())).is_none() {
            assert!(Instant::now() < deadline, "{name} is not saved");
            std::thread::sleep(Duration::from_millis(10));
            harness.egui.step();
        }
        std::fs::read(path).expect("the file")
    };
    let picture = save("Picture (PNG)", "spectrogram-post-1.png");
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 20_000, "{} bytes", picture.len());
    assert_eq!(save("Picture (PNG)", "spectrogram-post-2.png"), picture, "frozen is frozen");
    let table = String::from_utf8(save("Table (CSV)", "spectrogram-post-1.csv")).expect("text");
    let array = save("Array (NPY)", "spectrogram-post-1.npy");
    let array = erbium_npy::Array::read(array.as_slice(), 1 << 26).expect("an array");
    let shape = array.shape().to_vec();
    let levels: Vec<f32> = array.values().expect("float32");
    assert!(shape[0] == 512 && shape[1].abs_diff(1_000) < 6, "5 s in columns of 5 ms: {shape:?}");
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let hz: Vec<f64> = header[1..]
        .iter()
        .map(|name| name.strip_suffix(" Hz").expect("Hz").parse().expect("a frequency"))
        .collect();
    let row = (0..512).min_by(|&a, &b| (hz[a] - 1e3).abs().total_cmp(&(hz[b] - 1e3).abs()));
    let row = row.expect("rows");
    let lines: Vec<Vec<f64>> = lines
        .map(|line| line.split(',').map(|number| number.parse().expect("a number")).collect())
        .collect();
    assert_eq!(lines.len(), shape[1]);
    for (column, line) in lines.iter().enumerate() {
        let expected_s = f64::from(u32::try_from(column).expect("few")) * 0.005;
        assert!((line[0] - expected_s).abs() < 1e-6 && (line[1 + row] + 12.0).abs() < 0.06);
        let level = f64::from(levels[row * lines.len() + column]);
        assert!((level - line[1 + row]).abs() < 0.01, "the array holds the same");
    }
    let left = std::fs::read_dir(&own).expect("the folder").count();
    assert_eq!(left, 4, "no partial files");
}

#[test]
fn where_nothing_can_be_saved_it_says_so() {
    let mut harness = SpectrogramHarness::saving_into(Path::new("/proc/nowhere"));
    harness.choose("Save", "Array (NPY)");
    let shown = |harness: &mut SpectrogramHarness, what: &str| {
        for _ in 0..500 {
            harness.egui.step();
            if harness.egui.query_by_label_contains(what).is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("no message: {what}");
    };
    shown(&mut harness, "Nothing was saved: the picture is empty");
    harness.play(1.0, tone);
    harness.choose("Save", "Array (NPY)");
    shown(&mut harness, "Cannot make the folder /proc/nowhere");
}
