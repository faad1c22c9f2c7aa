//! Audio files, read as the commands read them.

use crate::cli::files::audio::{ChannelBuffers, Layout, Reader, SampleFormat, Writer};
use crate::flac_checksums::with_checksums;
use erbium::MAX_CHANNELS;
use erbium::export::output_file::OutputFile;
use erbium_dsp::stream::LOUDEST;
use tempfile::TempDir;

/// Samples per channel after which reading ends: a few bytes of FLAC can be many.
const SAMPLES_MAX: usize = 1 << 20;

/// A file that was read to its end.
#[derive(PartialEq)]
struct Sound {
    layout: Layout,
    channels: ChannelBuffers,
    warnings: usize,
}

impl Sound {
    /// Samples per channel.
    fn samples(&self) -> usize {
        self.channels[0].len()
    }
}

/// Reads a file, and checks block by block what its reader says of it. `None` where it is refused, or
/// goes on for too long.
fn read(data: &[u8]) -> Option<Sound> {
    let file = crate::file(data);
    let mut reader = Reader::open(file.path()).ok()?;
    let layout = reader.layout();
    assert!((1..=MAX_CHANNELS).contains(&layout.channels) && layout.sample_rate_hz > 0);
    let promised = reader.promised_samples();
    let mut channels = vec![Vec::new(); layout.channels];
    let mut block = ChannelBuffers::new();
    while reader.read(&mut block).ok()? {
        assert_eq!(block.len(), layout.channels);
        for (all, channel) in channels.iter_mut().zip(&block) {
            assert_eq!(channel.len(), block[0].len(), "a channel is shorter");
            assert!(channel.iter().all(|sample| sample.abs() <= LOUDEST));
            all.extend_from_slice(channel);
        }
        if channels[0].len() > SAMPLES_MAX {
            return None;
        }
    }
    let warnings = reader.warnings().len();
    let sound = Sound { layout, channels, warnings };
    let samples = u64::try_from(sound.samples()).unwrap_or(u64::MAX);
    assert!(samples > 0, "no sound is an error");
    if let Some(promised) = promised {
        let is_told = samples == promised || warnings > 0;
        assert!(is_told, "{samples} samples of {promised}, and nothing is said");
    }
    Some(sound)
}

/// A WAV file that is read has the length that the reader says, or a warning, and no more sound than the file can hold;
/// what is written of it is read again to the bit.
///
/// # Panics
/// Where that is not so.
pub fn wav(data: &[u8]) {
    let Some(sound) = read(data) else { return };
    if data.starts_with(b"fLaC") {
        return;
    }
    // A sample is a byte at least.
    assert!(sound.samples() * sound.layout.channels <= data.len(), "more than there is");
    check_written(&sound);
}

fn check_written(sound: &Sound) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("written.wav");
    let output = OutputFile::create(&path).expect("a file");
    let samples = u64::try_from(sound.samples()).ok();
    let writer = Writer::new(output, sound.layout, SampleFormat::F32, samples);
    let mut writer = writer.expect("what is read can be written");
    let channels: Vec<&[f32]> = sound.channels.iter().map(Vec::as_slice).collect();
    writer.write(&channels).expect("there is room");
    assert_eq!(writer.finish().expect("it is complete"), None);
    let written = std::fs::read(&path).expect("it is there");
    let again = read(&written).expect("what is written is read");
    // Where nothing is said of the speakers of many channels, a file says that there are none.
    let all =
        |layout: Layout| (layout.channels, layout.sample_rate_hz, layout.speakers.unwrap_or(0));
    assert_eq!((all(again.layout), again.warnings), (all(sound.layout), 0));
    for (again, channel) in again.channels.iter().zip(&sound.channels) {
        assert_eq!(again.len(), channel.len());
        assert!(again.iter().zip(channel).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

/// A FLAC file that is read has the length that the reader says, or a warning, and is read the same again: as it is, and
/// with the right checksums, which no change of a byte meets.
///
/// # Panics
/// Where that is not so.
pub fn flac(data: &[u8]) {
    if !data.starts_with(b"fLaC") {
        return;
    }
    drop(read(data));
    let mended = with_checksums(data);
    let first = read(&mended);
    let second = read(&mended);
    assert!(first == second, "another sound the second time");
}
