//! Audio files, read as the commands read them.

use crate::cli::files::audio::Reader;

/// A file that is read has as many samples on each channel, all of them finite, and no more than its bytes hold.
fn read(data: &[u8], most_samples: u64) {
    let file = crate::file(data);
    let Ok(mut reader) = Reader::open(file.path()) else { return };
    let channels = reader.channels();
    let mut buffers = Vec::new();
    let mut samples = 0;
    while let Ok(true) = reader.read(&mut buffers) {
        assert_eq!(buffers.len(), channels);
        assert!(buffers.iter().all(|channel| channel.len() == buffers[0].len()));
        assert!(buffers.iter().flatten().all(|sample| sample.is_finite()));
        samples += u64::try_from(buffers[0].len() * channels).expect("a number");
        assert!(samples <= most_samples, "{samples} samples of {} bytes", data.len());
    }
    assert!(reader.warnings().iter().all(|warning| warning.len() < 1000));
}

/// What is read of any file as WAV.
///
/// # Panics
/// Where something of what must hold does not.
pub fn wav(data: &[u8]) {
    read(data, u64::try_from(data.len()).expect("a number"));
}

/// What is read of any file as FLAC, in which a constant block is a few bytes.
///
/// # Panics
/// Where something of what must hold does not.
pub fn flac(data: &[u8]) {
    let blocks = u64::try_from(data.len()).expect("a number") / 8;
    read(data, blocks * 65_536 * 8);
}
