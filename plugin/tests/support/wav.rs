//! Sound files for the tests: 32-bit float WAV, one list of samples per channel.
#![allow(dead_code, reason = "not every test uses everything")]

use std::path::Path;

pub fn write_wav(path: &Path, sample_rate_hz: u32, channels: &[Vec<f32>]) {
    let spec = hound::WavSpec {
        channels: u16::try_from(channels.len()).expect("few"),
        sample_rate: sample_rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(path, spec).expect("writable");
    for sample in 0..channels[0].len() {
        channels.iter().for_each(|channel| wav.write_sample(channel[sample]).expect("writable"));
    }
    wav.finalize().expect("writable");
}

pub fn read_wav(path: &Path) -> Vec<Vec<f32>> {
    let mut wav = hound::WavReader::open(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut channels = vec![Vec::new(); usize::from(wav.spec().channels)];
    let count = channels.len();
    for (k, sample) in wav.samples::<f32>().enumerate() {
        channels[k % count].push(sample.expect("complete"));
    }
    channels
}
