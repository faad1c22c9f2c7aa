//! Files as programs write them, and as they should not: read whole, or refused with the reason.

mod damage;
mod flac;
mod wav;

use super::source::Source;
use super::{ChannelBuffers, Reader};
use anyhow::Result;
#[cfg(unix)]
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;

/// What a file holds.
#[derive(Debug)]
struct Read {
    channels: ChannelBuffers,
    speakers: Option<u32>,
    warnings: String,
}

/// Reads a file of these bytes.
fn read(bytes: &[u8]) -> Result<Read> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    file.rewind()?;
    let reader = Reader::new(Path::new("in"), Source::new(file))?;
    read_all(reader)
}

#[cfg(not(unix))]
use read as read_pipe;

/// Reads a pipe that these bytes come by.
#[cfg(unix)]
fn read_pipe(bytes: &[u8]) -> Result<Read> {
    let (reader, mut writer) = std::io::pipe()?;
    let file = File::from(std::os::fd::OwnedFd::from(reader));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // Few at once, as they come from a program; whoever reads may leave early.
            let _ = bytes.chunks(1000).try_for_each(|bytes| writer.write_all(bytes));
        });
        read_all(Reader::new(Path::new("in"), Source::new(file))?)
    })
}

fn read_all(mut reader: Reader) -> Result<Read> {
    let mut channels = vec![Vec::new(); reader.channels()];
    while reader.append(&mut channels)? {}
    let warnings = reader.warnings().join("\n");
    Ok(Read { channels, speakers: reader.layout().speakers, warnings })
}

/// A file of `tests/data/audio`.
fn case(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/audio");
    std::fs::read(folder.join(name)).expect("readable")
}

/// A chunk with the byte that makes its length even.
fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = chunk_promising(id, u32::try_from(body.len()).expect("short"), body);
    if body.len() % 2 == 1 {
        chunk.push(0);
    }
    chunk
}

/// A chunk that promises so many bytes.
fn chunk_promising(id: &[u8; 4], bytes: u32, body: &[u8]) -> Vec<u8> {
    [&id[..], &bytes.to_le_bytes(), body].concat()
}

/// A `fmt ` chunk of 8 kHz with the block that follows from channels and bits.
fn fmt(tag: u16, channels: u16, bits: u16) -> Vec<u8> {
    fmt_with_block(tag, channels, bits, channels * bits.div_ceil(8), &[])
}

fn fmt_with_block(tag: u16, channels: u16, bits: u16, block: u16, extension: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(tag.to_le_bytes());
    body.extend(channels.to_le_bytes());
    body.extend(8000_u32.to_le_bytes());
    body.extend((8000 * u32::from(block)).to_le_bytes());
    body.extend(block.to_le_bytes());
    body.extend(bits.to_le_bytes());
    body.extend(extension);
    chunk(b"fmt ", &body)
}

/// A file of chunks.
fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    riff_promising(u32::try_from(4 + body.len()).expect("short"), &body)
}

fn riff_promising(bytes: u32, body: &[u8]) -> Vec<u8> {
    [b"RIFF", &bytes.to_le_bytes()[..], b"WAVE", body].concat()
}

/// Eight samples of 16 bits: 1000, 2000, and so on.
fn thousands() -> Vec<u8> {
    (1..=8_i16).flat_map(|k| (1000 * k).to_le_bytes()).collect()
}

/// What [`thousands`] are read as, at most so many.
fn thousands_read(samples: u8) -> ChannelBuffers {
    vec![(1..=samples).map(|k| 1000.0 * f32::from(k) / 32_768.0).collect()]
}
