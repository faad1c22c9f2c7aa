//! What a file is, told by how it begins.

/// How files begin that hold sound, or might be thought to: bytes, where they stand, what they mean.
const OTHERS: &[(&[u8], usize, &str)] = &[
    (b"AIFF", 8, "an AIFF file"),
    (b"AIFC", 8, "an AIFF-C file"),
    (b"8SVX", 8, "an 8SVX file"),
    (b"AVI ", 8, "an AVI film"),
    (b"ftyp", 4, "an MPEG-4 file (M4A, MP4 or MOV)"),
    (b"OggS", 0, "an Ogg file"),
    (b"caff", 0, "a CAF file"),
    (b".snd", 0, "an AU file"),
    (b"wvpk", 0, "a WavPack file"),
    (b"MAC ", 0, "a Monkey's Audio file"),
    (b"TTA1", 0, "a True Audio file"),
    (b"DSD ", 0, "a DSD file"),
    (b"FRM8", 0, "a DSDIFF file"),
    (b"MThd", 0, "a MIDI file"),
    (b"riff\x2e\x91\xcf\x11", 0, "a Wave64 file"),
    (b"\x30\x26\xb2\x75", 0, "a Windows Media file"),
    (b"\x1a\x45\xdf\xa3", 0, "a Matroska or WebM file"),
    (b"#!AMR", 0, "an AMR file"),
    (b"PK\x03\x04", 0, "a ZIP archive"),
    (b"\x1f\x8b", 0, "a gzip archive"),
];

/// What a file is, with its article; `None` where nothing is known that begins so.
pub fn other_kind(start: &[u8]) -> Option<&'static str> {
    let begins = |(bytes, place, _): &&(&[u8], usize, &str)| {
        start.get(*place..).is_some_and(|rest| rest.starts_with(bytes))
    };
    OTHERS.iter().find(begins).map(|(.., kind)| *kind).or_else(|| mpeg_kind(start))
}

/// Whether what follows the sound of a file is nothing, zeros, or a tag that says something of it.
pub fn is_tag_or_silence(next: &[u8]) -> bool {
    let tags: [&[u8]; 4] = [b"TAG", b"ID3", b"APETAGEX", b"LYRICSBE"];
    next.iter().all(|byte| *byte == 0) || tags.iter().any(|tag| next.starts_with(tag))
}

/// Whether what follows the sound of a file is the start of another one.
pub fn is_audio_file(next: &[u8]) -> bool {
    let starts: [&[u8]; 5] = [b"RIFF", b"RIFX", b"RF64", b"BW64", b"fLaC"];
    starts.iter().any(|start| next.starts_with(start))
}

/// MPEG audio begins with a frame: eleven bits set, then version, layer, bit rate and sample rate, none
/// of which may be the reserved one.
fn mpeg_kind(start: &[u8]) -> Option<&'static str> {
    let [0xff, second, third, ..] = *start else { return None };
    let (version, layer, rates) = (second >> 3 & 3, second >> 1 & 3, (third >> 4, third >> 2 & 3));
    match layer {
        _ if second < 0xe0 || version == 1 => None,
        0 if second & 0xf6 == 0xf0 => Some("an AAC file"),
        0 => None,
        _ if rates.0 == 15 || rates.1 == 3 => None,
        1 => Some("an MP3 file"),
        _ => Some("an MPEG audio file"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"FORM\0\0\0\0AIFFCOMM", Some("an AIFF file")),
            (b"\xff\xfb\x90\x64", Some("an MP3 file")),
            (b"\xff\xfd\x90\x64", Some("an MPEG audio file")),
            (b"\xff\xf1\x50\x80", Some("an AAC file")),
            (b"OggS\0\x02", Some("an Ogg file")),
            (b"\xff\xff\xff\xff\xff", None),
            (b"This is no sound", None),
            (b"", None),
        ];
        for (start, kind) in cases {
            assert_eq!(other_kind(start), *kind, "{start:?}");
        }
    }
}
