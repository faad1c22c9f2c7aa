//! FLAC files. What programs put around the sound or write wrongly into its description is kept from
//! the decoder, which would lose frames over it.

use super::kind::{is_audio_file, is_tag_or_silence};
use super::source::{Source, widen};
use super::{ChannelBuffers, Layout, SampleStream, append_decoded};
use anyhow::{Context, Result, anyhow, bail};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use symphonia::core::checksum::Crc16Ansi;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::{MediaSource, MediaSourceStream, Monitor};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

/// Bytes of the STREAMINFO block.
const INFO_BYTES: usize = 34;

/// The fewest bytes of a frame's header, with its number.
const HEADER_BYTES: usize = 6;

/// The shortest and the longest block there may be, in samples per channel.
const SHORTEST_BLOCK: u16 = 16;
const LONGEST_BLOCK: u16 = u16::MAX;

/// More of a comment is not read.
const MOST_COMMENT_BYTES: u64 = 1 << 20;

/// No frame is longer.
const MOST_FRAME_BYTES: u64 = 1 << 24;

/// Bytes that are decoded in vain, all in all, to find where a frame ends: many times what chance asks for,
/// one in 65536 of its bytes, of the longest frame that there is, 2 MiB.
const MOST_TRIED_BYTES: usize = 1 << 28;

/// Speakers of 1 to 8 channels where a comment does not name others (RFC 9639, 9.1.3). One and two
/// channels are as in any file.
const SPEAKERS: [Option<u32>; 8] =
    [None, None, Some(0x7), Some(0x33), Some(0x37), Some(0x3f), Some(0x70f), Some(0x63f)];

/// A FLAC file being read.
pub struct FlacStream {
    reader: FlacReader<'static>,
    decoder: FlacDecoder,
    file: File,
    layout: Layout,
    promised_samples: Option<u64>,
    /// Where the frame after those read begins.
    place: u64,
    samples: u64,
    /// What the first frame begins with.
    first: Vec<u8>,
    /// The number of the next frame, as the reader gives it: its first sample, or the longest block's
    /// samples times the number of blocks before.
    next_number: Option<u64>,
    /// Whether frames are numbered by blocks.
    is_fixed: bool,
    ended: bool,
}

impl FlacStream {
    /// Reads what comes before the sound.
    ///
    /// # Errors
    /// Where there is none, or its description is damaged.
    pub fn open(mut source: Source) -> Result<Self> {
        // The last frame may have to be gone back to.
        source.spool()?;
        source.skip(4)?;
        let metadata = Metadata::read(&mut source)?;
        let place = source.position();
        let first = source.peek::<HEADER_BYTES>()?;
        let is_fixed = match *first {
            [0xff, 0xf8, ..] => true,
            [0xff, 0xf9, ..] => false,
            [] => bail!("it ends before its sound; possible: complete files"),
            _ => bail!("its sound does not begin where its metadata end; possible: complete files"),
        };
        let info = metadata.info_for_decoder(is_fixed);
        let promised_samples = metadata.samples();
        let file = source.into_file();
        let mut frames = file.try_clone()?;
        frames.seek(SeekFrom::Start(place))?;
        let header = [&b"fLaC\x80\0\0\x22"[..], &info].concat();
        let stream = Frames(Cursor::new(header).chain(frames));
        let stream = MediaSourceStream::new(Box::new(stream), Default::default());
        let reader = FlacReader::try_new(stream, FormatOptions::default());
        let reader = reader.map_err(|error| damaged(0, &error))?;
        let parameters = reader.tracks().first().and_then(|track| track.codec_params.as_ref());
        let Some(CodecParameters::Audio(parameters)) = parameters else {
            bail!("it does not say how its sound is stored; possible: complete files");
        };
        let decoder =
            FlacDecoder::try_new(parameters, &AudioDecoderOptions::default().verify(true));
        let decoder = decoder.map_err(|error| damaged(0, &error))?;
        let channels = parameters.channels.as_ref().map_or(0, |channels| channels.count());
        let sample_rate_hz = parameters.sample_rate.unwrap_or(0);
        let speakers =
            metadata.speakers.or(SPEAKERS.get(channels.wrapping_sub(1)).copied().flatten());
        let layout = Layout { channels, sample_rate_hz, speakers };
        layout.check()?;
        let (samples, next_number, ended) = (0, None, false);
        Ok(Self {
            reader,
            decoder,
            file,
            layout,
            promised_samples,
            place,
            samples,
            first,
            next_number,
            is_fixed,
            ended,
        })
    }

    /// The next frame; `None` after the last.
    fn next_packet(&mut self) -> Result<Option<Packet>> {
        if self.ended {
            return Ok(None);
        }
        match self.reader.next_packet() {
            Ok(Some(packet)) if self.follows(&packet)? => {
                self.place += widen(packet.data.len());
                Ok(Some(packet))
            }
            Ok(Some(_)) => self.last_packet_before_others(),
            Ok(None) => self.last_packet(),
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.last_packet()
            }
            Err(error) => Err(damaged(self.samples, &error)),
        }
    }

    /// Whether a frame follows the one before: the reader passes damaged ones.
    fn follows(&mut self, packet: &Packet) -> Result<bool> {
        let number = u64::try_from(packet.pts.get())?;
        let is_next = match self.next_number {
            Some(expected) => number == expected,
            None => packet.data.starts_with(&self.first),
        };
        let step = if self.is_fixed { u64::from(LONGEST_BLOCK) } else { packet.dur.get() };
        self.next_number = Some(number + step);
        Ok(is_next)
    }

    /// The last frame, where frames are behind it that do not follow: those of another file, if this one
    /// is whole without them, else those behind damaged ones.
    fn last_packet_before_others(&mut self) -> Result<Option<Packet>> {
        let samples = self.samples;
        if self.promised_samples.is_some_and(|promised| samples < promised) {
            let packet = self.last_packet()?;
            let frames = self.decoder.last_decoded().frames();
            if packet.is_some() && self.promised_samples == Some(samples + widen(frames)) {
                return Ok(packet);
            }
        } else if self.promised_samples == Some(samples) {
            self.ended = true;
            return Ok(None);
        }
        bail!("it is damaged after {samples} samples; possible: complete files")
    }

    /// The last frame, where something is behind it that is no sound, be it a tag: the reader takes both
    /// for one frame. It ends where its checksum says so.
    fn last_packet(&mut self) -> Result<Option<Packet>> {
        self.ended = true;
        self.file.seek(SeekFrom::Start(self.place))?;
        let mut bytes = Vec::new();
        self.file.by_ref().take(MOST_FRAME_BYTES).read_to_end(&mut bytes)?;
        if !matches!(*bytes, [0xff, 0xf8 | 0xf9, ..]) {
            return Ok(None);
        }
        let mut checksum = Crc16Ansi::new(0);
        let mut tried_bytes = 0;
        for end in 1..=bytes.len() {
            checksum.process_byte(bytes[end - 1]);
            // By chance it may be right within the frame, which cannot be decoded then; and once it is right it
            // stays so over zeros, of which a damaged file may have any number.
            if checksum.crc() == 0 && end > 8 && tried_bytes < MOST_TRIED_BYTES {
                tried_bytes += end;
                let packet = Packet::new(0, Timestamp::new(0), Duration::new(0), &bytes[..end]);
                if self.decoder.decode(&packet).is_ok() {
                    self.place += widen(end);
                    return Ok(Some(packet));
                }
            }
        }
        if self.promised_samples.is_none() {
            bail!(
                "it ends within a frame, after {} samples; possible: complete files",
                self.samples
            );
        }
        Ok(None)
    }

    /// What is to be warned of behind the last frame.
    fn behind_sound(&mut self) -> Result<Option<String>> {
        let place = self.place;
        let mut next = Vec::new();
        self.file.seek(SeekFrom::Start(place))?;
        self.file.by_ref().take(8).read_to_end(&mut next)?;
        let warning = match () {
            () if is_tag_or_silence(&next) => return Ok(None),
            () if is_audio_file(&next) => "is followed by another file",
            () => "goes on behind its sound",
        };
        Ok(Some(format!("{warning}, at byte {place}; that is left out")))
    }
}

impl SampleStream for FlacStream {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn promised_samples(&self) -> Option<u64> {
        self.promised_samples
    }

    fn append(&mut self, buffers: &mut ChannelBuffers) -> Result<bool> {
        let Some(packet) = self.next_packet()? else { return Ok(false) };
        if !self.ended {
            let decoded = self.decoder.decode(&packet);
            decoded.map_err(|error| damaged(self.samples, &error))?;
        }
        let decoded = self.decoder.last_decoded();
        if decoded.num_planes() != self.layout.channels {
            bail!("it changes its channels after {} samples", self.samples);
        }
        append_decoded(&decoded, buffers);
        self.samples += widen(decoded.frames());
        Ok(true)
    }

    fn finish(&mut self) -> Result<Vec<String>> {
        let samples = self.samples;
        let promised = self.promised_samples.unwrap_or(samples);
        if samples < promised {
            bail!(
                "it is truncated: its header promises {promised} samples per channel, it holds {samples}; possible: a whole file"
            );
        }
        if self.decoder.finalize().verify_ok == Some(false) {
            bail!("it is damaged: its checksum does not match its sound; possible: complete files");
        }
        let mut warnings = Vec::new();
        if samples > promised {
            warnings.push(format!(
                "holds {samples} samples per channel; its header promises {promised}, all are read"
            ));
        }
        warnings.extend(self.behind_sound()?);
        Ok(warnings)
    }
}

fn damaged(samples: u64, error: &Error) -> anyhow::Error {
    anyhow!("it is damaged after {samples} samples ({error}); possible: complete files")
}

/// What stands before the sound.
struct Metadata {
    info: [u8; INFO_BYTES],
    speakers: Option<u32>,
}

impl Metadata {
    /// Reads the blocks of metadata, which the sound follows.
    fn read(source: &mut Source) -> Result<Self> {
        let (mut info, mut speakers) = (None, None);
        loop {
            let Some([kind, a, b, c]) = source.take::<4>()? else {
                bail!("it ends within its metadata; possible: complete files");
            };
            let bytes = u64::from(u32::from_be_bytes([0, a, b, c]));
            let end = source.position() + bytes;
            match (kind & 0x7f, bytes) {
                (0, 34) if info.is_none() => info = source.take::<INFO_BYTES>()?,
                (4, _) => {
                    let mut comment = vec![0; usize::try_from(bytes.min(MOST_COMMENT_BYTES))?];
                    source.read(&mut comment)?;
                    speakers = speakers.or(speakers_of(&comment));
                }
                _ => {}
            }
            if !source.skip(end - source.position())? {
                bail!("it ends within its metadata; possible: complete files");
            }
            if kind & 0x80 != 0 {
                break;
            }
        }
        let info =
            info.context("it does not say how its sound is stored; possible: complete files")?;
        Ok(Self { info, speakers })
    }

    /// Samples per channel, where they are known.
    fn samples(&self) -> Option<u64> {
        let number =
            self.info[13..18].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        // 36 bits.
        Some(number & 0xf_ffff_ffff).filter(|samples| *samples > 0)
    }

    /// The description as the decoder needs it: the shortest and the longest block are equal where
    /// blocks are numbered one by one, else not, and nothing is said of what may be wrong and does not
    /// matter.
    fn info_for_decoder(&self, is_fixed: bool) -> [u8; INFO_BYTES] {
        let mut info = self.info;
        let shortest = if is_fixed { LONGEST_BLOCK } else { SHORTEST_BLOCK };
        info[0..2].copy_from_slice(&shortest.to_be_bytes());
        info[2..4].copy_from_slice(&LONGEST_BLOCK.to_be_bytes());
        // Bytes of a frame, and samples in all.
        info[4..10].fill(0);
        info[13] &= 0xf0;
        info[14..18].fill(0);
        info
    }
}

/// The speakers that a Vorbis comment names.
fn speakers_of(comment: &[u8]) -> Option<u32> {
    let key = b"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x";
    let found = comment.windows(key.len()).position(|bytes| bytes.eq_ignore_ascii_case(key))?;
    let digits = comment[found + key.len()..].iter().take_while(|byte| byte.is_ascii_hexdigit());
    let digits: String = digits.take(8).map(|byte| char::from(*byte)).collect();
    u32::from_str_radix(&digits, 16).ok()
}

/// A description followed by the frames of a file.
struct Frames(io::Chain<Cursor<Vec<u8>>, File>);

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Frames {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl MediaSource for Frames {
    fn is_seekable(&self) -> bool {
        false
    }

    fn byte_len(&self) -> Option<u64> {
        None
    }
}
