//! What `erbium analyze` holds does not grow with the length of the sound.

#[path = "support/program.rs"]
mod program;

use program::{RATE_HZ, folder, noise};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs the program and returns the most memory that it held, in bytes.
fn peak_bytes(folder: &Path, arguments: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_erbium"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("DISPLAY")
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        // The greatest so far: the last one seen is that of nearly all of its time.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(1024 * kib.unwrap_or(0));
        if let Some(ended) = child.try_wait().expect("it can be waited for") {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(ended.success() && peak > 0, "{arguments:?}: {ended}");
    peak
}

#[test]
fn memory_does_not_grow_with_the_sound() {
    let folder = folder();
    let path = folder.path();
    const LENGTHS_S: [u32; 2] = [12, 120];
    for seconds in LENGTHS_S {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let name = path.join(format!("{seconds}.wav"));
        let mut wav = hound::WavWriter::create(name, spec).expect("writable");
        let second = noise(RATE_HZ as usize, 1);
        for _ in 0..seconds {
            for sample in &second {
                #[expect(clippy::cast_possible_truncation)]
                wav.write_sample((sample * 32_767.0) as i16).expect("writable");
            }
        }
        wav.finalize().expect("writable");
    }
    let isac = "--stride 16 --kernel-size 16 --bands 24";
    for feature in [
        format!("coefficients {isac}"),
        format!("isac-mel {isac} --db"),
        format!("isac-cc {isac} --deltas 2"),
        "gammatone --bands 32 --hop-ms 1".to_owned(),
        "mel --fft 256 --hop-ms 1".to_owned(),
        "mfcc --fft 256 --hop-ms 1 --deltas 2".to_owned(),
        "cochleagram --bands 64 --latency-ms 4 --hop-ms 1".to_owned(),
    ] {
        let is_written_apart = feature.starts_with("isac-cc") || feature.starts_with("cochleagram");
        let endings = if is_written_apart { &["npy", "csv", "png"][..] } else { &["npy"] };
        for ending in endings {
            let run = |seconds: u32| {
                let arguments =
                    format!("analyze {seconds}.wav --feature {feature} -o out.{ending}");
                let arguments: Vec<_> = arguments.split_whitespace().collect();
                peak_bytes(path, &arguments)
            };
            let [short, long] = LENGTHS_S.map(run);
            // The array of the long sound alone has 25 to 46 MB.
            assert!(long < short + (8 << 20), "{feature}, {ending}: {short} and {long} bytes");
        }
    }
}
