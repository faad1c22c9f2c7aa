//! The chunks of a WAV file: finds how samples are stored, and where they are.

mod extent;

use super::super::kind::{is_audio_file, is_tag_or_silence};
use super::super::source::{Source, widen};
use super::ByteOrder;
use super::format::Format;
use anyhow::{Context, Result, bail};
use extent::CHUNK_START_BYTES;

/// More of a `fmt ` or `ds64` chunk is not read.
const MOST_READ: u64 = 40;

/// Bytes that are searched at once.
const SEARCHED_BYTES: usize = 1 << 16;

/// Lengths that stand for an unknown one, as programs write them that cannot return to the header: 0,
/// about 2 GiB or 4 GiB, and the like in 64 bits.
const UNKNOWN: [std::ops::RangeInclusive<u64>; 4] =
    [0..=0, 0x7fff_0000..=0x8000_0000, 0xffff_ff00..=0xffff_ffff, 0x7fff_ffff_0000_0000..=u64::MAX];

/// Where sound is, and how it is stored. The source stands at its first byte.
pub struct Sound {
    /// How samples are stored.
    pub format: Format,
    /// Whether numbers begin with their lowest byte.
    pub order: ByteOrder,
    /// Bytes of sound that the header promises; `None` where it does not say.
    pub promised_bytes: Option<u64>,
    /// Where the outermost chunk ends, as it says; the largest number where it does not.
    pub riff_end: u64,
    /// What is to be warned of.
    pub warnings: Vec<String>,
}

/// A chunk's name and the bytes of its body.
#[derive(Clone, Copy)]
struct Chunk {
    id: [u8; 4],
    bytes: u64,
}

/// Walks the chunks of a file.
struct Walker<'a> {
    source: &'a mut Source,
    order: ByteOrder,
    /// Where the outermost chunk ends, as it says; the largest number where it does not.
    riff_end: u64,
    /// Bytes of sound, where a `ds64` chunk says.
    long_bytes: Option<u64>,
    format: Option<Format>,
    warnings: Vec<String>,
}

/// Finds the sound of a file whose first four bytes have been read.
///
/// # Errors
/// Where there is none, or it is stored in a way that is not known.
pub fn find_sound(source: &mut Source, riff: [u8; 4]) -> Result<Sound> {
    let order = if riff == *b"RIFX" { ByteOrder::Big } else { ByteOrder::Little };
    let Some(bytes) = source.take::<4>()?.map(|bytes| order.u32(bytes)) else {
        bail!("it ends within its first 12 bytes; possible: complete WAV and FLAC files");
    };
    let bytes = u64::from(bytes);
    let riff_end = if is_unknown(bytes) { u64::MAX } else { source.position() + bytes };
    match source.take::<4>()? {
        Some(form) if form == *b"WAVE" => {}
        Some(form) if form == *b"AVI " => bail!("it is an AVI film; possible: WAV and FLAC files"),
        Some(form) if form == *b"RMID" => bail!("it is a MIDI file; possible: WAV and FLAC files"),
        Some(_) => bail!("it is a RIFF file without sound; possible: WAV and FLAC files"),
        None => bail!("it ends within its first 12 bytes; possible: complete WAV and FLAC files"),
    }
    let (long_bytes, format, warnings) = (None, None, Vec::new());
    Walker { source, order, riff_end, long_bytes, format, warnings }.find()
}

/// Looks at what stands behind the `bytes` of `sound` that `source` has been read to the end of. Returns
/// what is to be warned of.
///
/// # Errors
/// Where the file cannot be read on, or was a pipe that brought more sound than it promised.
pub fn behind_sound(source: &mut Source, sound: &Sound, bytes: u64) -> Result<Option<String>> {
    let (long_bytes, format, warnings) = (None, None, Vec::new());
    let Sound { order, riff_end, .. } = *sound;
    let mut walker = Walker { source, order, riff_end, long_bytes, format, warnings };
    walker.skip(0, bytes)?;
    let place = walker.source.position();
    let is_pipe = walker.source.length().is_none();
    let next = walker.source.peek::<8>()?;
    let is_inside = riff_end < u64::MAX && place + CHUNK_START_BYTES <= riff_end;
    if is_pipe && is_inside && widen(next.len()) == CHUNK_START_BYTES {
        let goes_on = !is_tag_or_silence(&next) && !walker.is_chunk_next()?;
        if goes_on {
            bail!(
                "it promises {bytes} bytes of sound, and goes on at byte {place}; possible: as a file, \
                 not by a pipe"
            );
        }
    }
    walker.check_end()
}

impl Walker<'_> {
    fn find(mut self) -> Result<Sound> {
        let mut last = self.source.position();
        // Behind the form's name.
        let riff_start = last - 4;
        loop {
            let place = self.source.position();
            let Some(chunk) = self.next()? else {
                // A pipe is at its end; in a file the last chunk may have been too long.
                if self.source.length().is_none() || !self.search(last)? {
                    return self.without_sound();
                }
                continue;
            };
            let is_passed = match &chunk.id {
                b"data" => return self.sound(chunk),
                b"fmt " => {
                    let read = self.read_start(chunk)?;
                    let format = Format::parse(&read, self.order)?;
                    if self.format.is_some_and(|other| other != format) {
                        bail!("it has two fmt chunks that contradict each other; possible: one");
                    }
                    self.format = Some(format);
                    true
                }
                b"ds64" => {
                    let read = self.read_start(chunk)?;
                    let bytes = read.get(8..16).and_then(|bytes| bytes.first_chunk());
                    self.long_bytes = bytes.map(|bytes| self.order.u64(*bytes));
                    let riff_bytes = read.first_chunk().map(|bytes| self.order.u64(*bytes));
                    let riff_bytes = riff_bytes.filter(|bytes| !is_unknown(*bytes));
                    if let (u64::MAX, Some(bytes)) = (self.riff_end, riff_bytes) {
                        self.riff_end = riff_start.saturating_add(bytes);
                    }
                    true
                }
                id => is_name(*id) && self.skip(chunk.bytes, chunk.bytes)?,
            };
            // The last chunk was too short, or too long, or this one is.
            if !is_passed && !self.search(last)? {
                return self.without_sound();
            }
            if is_passed {
                last = place;
            }
        }
    }

    /// A chunk's start; `None` at the end.
    fn next(&mut self) -> Result<Option<Chunk>> {
        let Some(start) = self.source.take::<8>()? else { return Ok(None) };
        Ok(Some(self.chunk(start)))
    }

    fn chunk(&self, start: [u8; 8]) -> Chunk {
        let [a, b, c, d, bytes @ ..] = start;
        Chunk { id: [a, b, c, d], bytes: u64::from(self.order.u32(bytes)) }
    }

    /// The first bytes of a chunk's body, which is passed.
    fn read_start(&mut self, chunk: Chunk) -> Result<Vec<u8>> {
        let wanted = chunk.bytes.min(MOST_READ);
        let mut bytes = vec![0; usize::try_from(wanted)?];
        let read = self.source.read(&mut bytes)?;
        bytes.truncate(read);
        // One that is longer than the file says all the same what it says.
        self.skip(chunk.bytes - wanted, chunk.bytes)?;
        Ok(bytes)
    }

    /// Passes what is left of a body of `whole` bytes, and the byte that makes its length even, which
    /// some programs leave out. Returns whether there was as much.
    fn skip(&mut self, left: u64, whole: u64) -> Result<bool> {
        if !self.source.skip(left)? {
            return Ok(false);
        }
        if whole % 2 == 1 {
            let next = self.source.peek::<5>()?;
            let is_left_out = matches!(*next, [a, b, c, d, e]
                if is_name([a, b, c, d]) && !is_name([b, c, d, e]));
            if !is_left_out {
                self.source.skip(1)?;
            }
        }
        Ok(true)
    }

    /// Looks behind the byte `start` for the next chunk that is needed. Returns whether there is one, at
    /// which the source then stands.
    fn search(&mut self, start: u64) -> Result<bool> {
        let Some(length) = self.source.length() else {
            bail!(
                "it has a chunk of a wrong length before its sound; possible: as a file, not by a pipe"
            );
        };
        let wanted: &[u8] = if self.format.is_some() { b"data" } else { b"fmt " };
        let mut bytes = vec![0; SEARCHED_BYTES];
        let mut start = start + 1;
        loop {
            self.source.seek(start)?;
            let read = self.source.read(&mut bytes)?;
            for (place, chunk) in bytes[..read].windows(8).enumerate() {
                let place = start + widen(place);
                // Else it is a word in a text.
                let is_possible = |bytes: u64| bytes <= length - place - 8 || is_unknown(bytes);
                let is_found = chunk.starts_with(wanted)
                    && chunk
                        .first_chunk()
                        .is_some_and(|chunk| is_possible(self.chunk(*chunk).bytes));
                if is_found {
                    self.source.seek(place)?;
                    self.warnings.push(format!(
                        "has a chunk of a wrong length; its {} chunk was found at byte {place}",
                        String::from_utf8_lossy(wanted).trim_end(),
                    ));
                    return Ok(true);
                }
            }
            if read < bytes.len() {
                return Ok(false);
            }
            // What is looked for may lie across the end.
            start += widen(read - 7);
        }
    }

    fn without_sound(&self) -> Result<Sound> {
        let lacks = if self.format.is_some() { "data" } else { "fmt" };
        bail!("it has no {lacks} chunk; possible: complete WAV and FLAC files")
    }

    /// The sound of a `data` chunk, at the body of which the source stands.
    fn sound(mut self, chunk: Chunk) -> Result<Sound> {
        let format = self.format.context(
            "it has no fmt chunk before its data chunk; possible: complete WAV and FLAC files",
        )?;
        let promised_bytes = self.promised_bytes(chunk.bytes)?;
        let Self { order, riff_end, warnings, .. } = self;
        Ok(Sound { format, order, promised_bytes, riff_end, warnings })
    }

    /// The bytes of sound, where the chunk promises `bytes`.
    fn promised_bytes(&mut self, bytes: u64) -> Result<Option<u64>> {
        let is_long = bytes == u64::from(u32::MAX);
        let bytes = self.long_bytes.filter(|_| is_long).unwrap_or(bytes);
        if is_unknown(bytes) {
            // Where it ends is known at the end only.
            self.source.spool()?;
        }
        let left = self.source.left();
        if bytes == 0 {
            let is_empty = left == Some(0) || self.is_chunk_next()?;
            return if is_empty { Ok(Some(0)) } else { self.bytes_to_chunks(0) };
        }
        if is_unknown(bytes) && left.is_none_or(|left| bytes > left) {
            return self.bytes_to_chunks(0);
        }
        // A length that did not fit 32 bits.
        let lost = left.map_or(0, |left| left.saturating_sub(bytes) >> 32 << 32);
        if lost > 0 && self.long_bytes.is_none() {
            self.warnings.push(format!(
                "promises {bytes} bytes of sound, less than it holds by a multiple of 4 GiB; it is \
                 read as {}",
                bytes + lost
            ));
            return Ok(Some(bytes + lost));
        }
        if self.goes_on_past(bytes)? {
            let held = self.bytes_to_chunks(bytes)?;
            self.warnings.push(format!(
                "promises {bytes} bytes of sound and holds {}; all of it is read",
                held.unwrap_or(bytes)
            ));
            return Ok(held);
        }
        Ok(Some(bytes))
    }

    fn check_end(mut self) -> Result<Option<String>> {
        loop {
            let next = self.source.peek::<8>()?;
            if is_tag_or_silence(&next) {
                return Ok(None);
            }
            let place = self.source.position();
            let chunk = next.first_chunk().map(|start| self.chunk(*start));
            let Some(chunk) = chunk.filter(|chunk| is_name(chunk.id)) else {
                return Ok(Some(format!(
                    "goes on behind its chunks, at byte {place}; that is left out"
                )));
            };
            if chunk.id == *b"data" {
                let bytes = chunk.bytes;
                return Ok(Some(format!(
                    "has a second data chunk, of {bytes} bytes at byte {place}; it is left out"
                )));
            }
            if is_audio_file(&next) {
                return Ok(Some(format!(
                    "is followed by another file, at byte {place}; that is left out"
                )));
            }
            self.source.skip(8)?;
            if !self.skip(chunk.bytes, chunk.bytes)? {
                return Ok(None);
            }
        }
    }
}

/// Whether a length stands for an unknown one.
fn is_unknown(bytes: u64) -> bool {
    UNKNOWN.iter().any(|lengths| lengths.contains(&bytes))
}

/// Whether four bytes may be a chunk's name.
fn is_name(id: [u8; 4]) -> bool {
    id.iter().all(|byte| matches!(byte, b' '..=b'~'))
}
