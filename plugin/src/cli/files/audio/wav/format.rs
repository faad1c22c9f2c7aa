//! The `fmt ` chunk: how samples are stored.

use super::super::Layout;
use super::ByteOrder;
use anyhow::{Result, bail};
use symphonia::core::codecs::audio::AudioCodecId;
use symphonia::core::codecs::audio::well_known as codec;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
const EXTENSIBLE: u16 = 0xfffe;

/// What follows the format tag in a subformat's GUID: KSDATAFORMAT_SUBTYPE_WAVEFORMATEX, and the one
/// of Ambisonic files.
const SUBFORMATS: [&[u8]; 2] = [
    b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71",
    b"\0\0\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\0\0\0",
];

/// Formats that programs write and nobody expects an equaliser to read.
const OTHERS: &[(u16, &str)] = &[
    (0x0002, "Microsoft ADPCM"),
    (0x0011, "IMA ADPCM"),
    (0x0031, "GSM 6.10"),
    (0x0045, "G.726 ADPCM"),
    (0x0050, "MPEG audio"),
    (0x0055, "MP3"),
    (0x00ff, "AAC"),
    (0x0161, "Windows Media Audio"),
    (0x0162, "Windows Media Audio"),
    (0x2000, "AC-3"),
    (0x674f, "Vorbis"),
    (0xf1ac, "FLAC"),
];

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Channels, sample rate and speakers.
    pub layout: Layout,
    /// What decodes them.
    pub codec: AudioCodecId,
    /// Bytes of one sample of one channel.
    pub sample_bytes: usize,
}

impl Format {
    /// Bytes of one sample of every channel.
    pub const fn frame_bytes(&self) -> usize {
        self.layout.channels * self.sample_bytes
    }

    /// What a chunk says. What follows the 40 bytes that are known does not matter.
    ///
    /// # Errors
    /// Where it says too little, or samples are stored in a way that is not known.
    pub fn parse(chunk: &[u8], order: ByteOrder) -> Result<Self> {
        let (Some(plain), Some(block)) = (chunk.get(..16), chunk.get(12..14)) else {
            bail!("its fmt chunk has {} bytes; possible: 16 or more", chunk.len());
        };
        let at = |place: usize| order.u16([plain[place], plain[place + 1]]);
        let (mut tag, channels, bits) = (at(0), at(2), at(14));
        let sample_rate_hz = order.u32([plain[4], plain[5], plain[6], plain[7]]);
        let block_bytes = usize::from(order.u16([block[0], block[1]]));
        let mut speakers = None;
        if tag == EXTENSIBLE {
            let Some(extension) = chunk.get(20..40) else {
                bail!(
                    "its fmt chunk lacks the extension that its format needs; possible: 40 bytes"
                );
            };
            let (mask, subformat) = extension.split_at(4);
            speakers = Some(order.u32([mask[0], mask[1], mask[2], mask[3]]));
            let guid = little_endian_guid(subformat, order);
            if !SUBFORMATS.contains(&&guid[2..]) {
                bail!(
                    "its samples are stored in a format that is not known; possible: PCM and float"
                );
            }
            tag = u16::from_le_bytes([guid[0], guid[1]]);
        }
        let channels = usize::from(channels);
        // 24 bits in 4 bytes are the upper ones.
        let bits = match bits {
            17..=24 if block_bytes == 4 * channels => 32,
            _ => bits,
        };
        let (codec, sample_bytes) = storage(tag, bits, order)?;
        Ok(Self { layout: Layout { channels, sample_rate_hz, speakers }, codec, sample_bytes })
    }
}

/// A GUID as it stands in RIFF files: its first three numbers are in the file's byte order.
fn little_endian_guid(bytes: &[u8], order: ByteOrder) -> Vec<u8> {
    let mut guid = bytes.to_vec();
    if order == ByteOrder::Big {
        for number in [0..4, 4..6, 6..8] {
            guid[number].reverse();
        }
    }
    guid
}

/// What decodes samples of a format, and the bytes of each.
fn storage(tag: u16, bits: u16, order: ByteOrder) -> Result<(AudioCodecId, usize)> {
    let in_order = |little, big| if order == ByteOrder::Little { little } else { big };
    // Fewer bits than bytes have are the upper ones.
    Ok(match (tag, bits) {
        (PCM, 1..=8) => (codec::CODEC_ID_PCM_U8, 1),
        (PCM, 9..=16) => (in_order(codec::CODEC_ID_PCM_S16LE, codec::CODEC_ID_PCM_S16BE), 2),
        (PCM, 17..=24) => (in_order(codec::CODEC_ID_PCM_S24LE, codec::CODEC_ID_PCM_S24BE), 3),
        (PCM, 25..=32) => (in_order(codec::CODEC_ID_PCM_S32LE, codec::CODEC_ID_PCM_S32BE), 4),
        (FLOAT, 32) => (in_order(codec::CODEC_ID_PCM_F32LE, codec::CODEC_ID_PCM_F32BE), 4),
        (FLOAT, 64) => (in_order(codec::CODEC_ID_PCM_F64LE, codec::CODEC_ID_PCM_F64BE), 8),
        (A_LAW, 8) => (codec::CODEC_ID_PCM_ALAW, 1),
        (MU_LAW, 8) => (codec::CODEC_ID_PCM_MULAW, 1),
        (PCM, _) => bail!("its samples have {bits} bits; possible: 1 to 32, or float of 32 or 64"),
        (FLOAT, _) => bail!("its samples are float of {bits} bits; possible: 32 or 64"),
        (A_LAW | MU_LAW, _) => bail!("its A-law or mu-law samples have {bits} bits; possible: 8"),
        _ => {
            let known = OTHERS.iter().find(|(other, _)| *other == tag).map(|(_, name)| *name);
            let name = known.map_or_else(|| format!("format {tag:#06x}"), str::to_owned);
            bail!("its samples are {name}; possible: PCM, float, A-law and mu-law")
        }
    })
}
