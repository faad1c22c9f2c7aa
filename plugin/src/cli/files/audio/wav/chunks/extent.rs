//! Where sound ends, in a file whose `data` chunk says it wrongly or not at all.

use super::{SEARCHED_BYTES, Walker, is_name};
use crate::cli::files::audio::kind::is_tag_or_silence;
use crate::cli::files::audio::source::widen;
use anyhow::Result;

/// What is shorter than a chunk's start is neither a chunk nor taken for sound.
pub(super) const CHUNK_START_BYTES: u64 = 8;

/// Chunks that programs write behind the sound.
const BEHIND: [&[u8; 4]; 36] = [
    b"LIST", b"list", b"id3 ", b"ID3 ", b"bext", b"iXML", b"axml", b"aXML", b"_PMX", b"fact",
    b"cue ", b"plst", b"smpl", b"inst", b"JUNK", b"junk", b"PAD ", b"FLLR", b"PEAK", b"acid",
    b"strc", b"DISP", b"afsp", b"LGWV", b"minf", b"elm1", b"regn", b"umid", b"cart", b"chna",
    b"dbmd", b"mext", b"levl", b"ResU", b"CSET", b"r64m",
];

impl Walker<'_> {
    /// Whether sound goes on past the `bytes` that its chunk promises: the file says that it goes on there,
    /// and what stands there is neither a chunk nor a tag nor zeros to the end.
    pub(super) fn goes_on_past(&mut self, bytes: u64) -> Result<bool> {
        let (Some(length), start) = (self.source.length(), self.source.position()) else {
            return Ok(false);
        };
        // The byte that makes a length even is no sound.
        let end = start + bytes + bytes % 2;
        if end + CHUNK_START_BYTES > length.min(self.riff_end) {
            return Ok(false);
        }
        let mut goes_on = true;
        // Some programs leave that byte out.
        for end in [start + bytes, end] {
            self.source.seek(end)?;
            let next = self.source.peek::<8>()?;
            let is_tag = is_tag_or_silence(&next) && next.iter().any(|byte| *byte != 0);
            goes_on &= !is_tag && !self.is_chunk_next()?;
        }
        goes_on = goes_on && self.has_more_than_zeros(end)?;
        self.source.seek(start)?;
        Ok(goes_on)
    }

    fn has_more_than_zeros(&mut self, start: u64) -> Result<bool> {
        self.source.seek(start)?;
        let mut bytes = vec![0; SEARCHED_BYTES];
        loop {
            let read = self.source.read(&mut bytes)?;
            if bytes[..read].iter().any(|byte| *byte != 0) {
                return Ok(true);
            }
            if read < bytes.len() {
                return Ok(false);
            }
        }
    }

    /// The bytes of sound from here to the chunks behind it, which end where the file ends; to the end of the
    /// file where there are none. Of a pipe that is not kept it is not known.
    pub(super) fn bytes_to_chunks(&mut self, least: u64) -> Result<Option<u64>> {
        let Some(length) = self.source.length() else { return Ok(None) };
        let start = self.source.position();
        let mut bytes = vec![0; SEARCHED_BYTES];
        let mut place = start + least;
        let mut end = length;
        'search: loop {
            self.source.seek(place)?;
            let read = self.source.read(&mut bytes)?;
            for (at, id) in bytes[..read].windows(4).enumerate() {
                let at = place + widen(at);
                if BEHIND.iter().any(|known| *known == id) && self.are_chunks_from(at, length)? {
                    end = at;
                    break 'search;
                }
            }
            if read < bytes.len() {
                break;
            }
            // A name may lie across the end.
            place += widen(read - 3);
        }
        self.source.seek(start)?;
        Ok(Some(end - start))
    }

    /// Whether chunk follows on chunk from a byte to the last one of the file.
    fn are_chunks_from(&mut self, mut place: u64, length: u64) -> Result<bool> {
        while place < length {
            self.source.seek(place)?;
            let next = self.source.peek::<8>()?;
            if is_tag_or_silence(&next) {
                let is_tag = next.iter().any(|byte| *byte != 0);
                return Ok(is_tag || !self.has_more_than_zeros(place)?);
            }
            let chunk = next.first_chunk().map(|start| self.chunk(*start));
            let Some(chunk) = chunk.filter(|chunk| is_name(chunk.id)) else { return Ok(false) };
            let end = place + 8 + chunk.bytes;
            if end > length {
                return Ok(false);
            }
            // Some programs leave out the byte that makes a length even.
            let padded = end + chunk.bytes % 2;
            place = if self.is_chunk_at(padded)? || !self.is_chunk_at(end)? { padded } else { end };
        }
        Ok(true)
    }

    fn is_chunk_at(&mut self, place: u64) -> Result<bool> {
        self.source.seek(place)?;
        self.is_chunk_next()
    }

    /// Whether the next bytes are the start of a chunk.
    pub(super) fn is_chunk_next(&mut self) -> Result<bool> {
        let place = self.source.position();
        let next = self.source.peek::<8>()?;
        let Some(start) = next.first_chunk() else { return Ok(false) };
        let chunk = self.chunk(*start);
        let end = self.source.length().unwrap_or(u64::MAX).min(self.riff_end);
        let fits = end < u64::MAX && place + 8 + chunk.bytes <= end;
        Ok(is_name(chunk.id) && (fits || BEHIND.contains(&&chunk.id)))
    }
}
