//! The file of a log: complete after every row, whatever ends it.

use crate::editor::monitor::log::intervals::{MEASURES, Row};
use crate::export::Format;
use crate::export::output_file::OutputFile;
use anyhow::{Context, Result};
use erbium_npy::{Element, write_header};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// What a log says of itself.
#[derive(Clone, Debug)]
pub struct Head {
    /// When it began.
    pub start: OffsetDateTime,
    /// The time between rows, as it reads.
    pub interval: &'static str,
    /// The centre frequencies of the bands in hertz.
    pub centres_hz: Vec<f64>,
    /// CSV, or otherwise NPY.
    pub format: Format,
}

impl Head {
    /// The numbers of a row: the time, and of each of [`MEASURES`] all bands.
    fn numbers(&self) -> usize {
        1 + MEASURES.len() * self.centres_hz.len()
    }

    /// What comes before the rows; as long whatever their number is.
    fn bytes(&self, rows: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if self.format == Format::Csv {
            bytes.extend_from_slice(self.text().as_bytes());
        } else {
            let rows = usize::try_from(rows).map_err(io::Error::other)?;
            write_header::<f64>(&mut bytes, &[rows, self.numbers()]).map_err(io::Error::other)?;
        }
        Ok(bytes)
    }

    /// A comment with the start in ISO 8601, and the names of the columns.
    fn text(&self) -> String {
        let start = self.start.format(&Rfc3339).unwrap_or_default();
        let interval = self.interval;
        let mut text = format!(
            "# Erbium band levels in dB of full scale from {start} on, a row every {interval}\ntime_s"
        );
        for measure in MEASURES {
            for hz in &self.centres_hz {
                // Nothing fails that is written to a text.
                let _ = write!(text, ",{hz:.2} Hz {measure}");
            }
        }
        text + "\n"
    }

    /// Makes an empty file whose name was not taken, with the start in the basic form of ISO 8601: no
    /// other instance that begins in the same second gets the same.
    fn reserve(&self, folder: &Path) -> Result<PathBuf> {
        let form = format_description!("[year][month][day]T[hour][minute][second]Z");
        let start = self.start.format(form).unwrap_or_default();
        let extension = self.format.extension();
        let mut number = 1_u32;
        loop {
            let path = folder.join(format!("band-levels-{start}-{number}.{extension}"));
            match File::create_new(&path) {
                Ok(_) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot write {}", path.display()));
                }
            }
        }
    }
}

/// Where the bytes go; tests have one that fails.
pub trait Storage: Write + Seek {
    /// Ends the file after so many bytes.
    ///
    /// # Errors
    /// When it cannot be.
    fn set_len(&mut self, bytes: u64) -> io::Result<()>;
}

impl Storage for File {
    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        Self::set_len(self, bytes)
    }
}

/// A log being written. Each row is handed to the system before the next, and an array's header says
/// the number of rows that are there: a file of hours is not lost with the program that writes it.
pub struct LogFile<S> {
    storage: S,
    head: Head,
    /// Rows that are complete.
    rows: u64,
    /// The bytes up to the last of them.
    bytes: u64,
}

/// Makes the file of a log, still without rows, in a folder that is made where there is none.
///
/// # Errors
/// When it cannot be made.
pub fn create(folder: &Path, head: Head) -> Result<(PathBuf, LogFile<File>)> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let path = head.reserve(folder)?;
    let empty = head.bytes(0)?;
    let begin = || -> Result<File> {
        let output = OutputFile::create(&path)?;
        output.writer().write_all(&empty)?;
        output.finish()?;
        let mut file = OpenOptions::new().write(true).open(&path)?;
        file.seek(SeekFrom::End(0))?;
        Ok(file)
    };
    let begun = begin().with_context(|| format!("cannot write {}", path.display()));
    if begun.is_err() {
        // Nothing is in it.
        let _ = std::fs::remove_file(&path);
    }
    let log = LogFile { storage: begun?, head, rows: 0, bytes: empty.len() as u64 };
    Ok((path, log))
}

impl<S: Storage> LogFile<S> {
    /// How many rows are complete.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When it cannot be written. The file then ends with the row before, as far as the disk still
    /// allows that.
    pub fn append(&mut self, row: &Row) -> io::Result<()> {
        let bytes = self.row_bytes(row);
        let written = self.write(&bytes);
        if written.is_err() {
            // What is wrong with the disk is said by the first error.
            let _ = self.restore();
        }
        written
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.storage.write_all(bytes)?;
        self.write_head(self.rows + 1)?;
        self.storage.flush()?;
        self.rows += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// A table's head says no number of rows.
    fn write_head(&mut self, rows: u64) -> io::Result<()> {
        if self.head.format != Format::Csv {
            let head = self.head.bytes(rows)?;
            self.storage.seek(SeekFrom::Start(0))?;
            self.storage.write_all(&head)?;
            self.storage.seek(SeekFrom::End(0))?;
        }
        Ok(())
    }

    fn restore(&mut self) -> io::Result<()> {
        self.storage.set_len(self.bytes)?;
        self.write_head(self.rows)?;
        self.storage.seek(SeekFrom::End(0))?;
        Ok(())
    }

    fn row_bytes(&self, row: &Row) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.head.format == Format::Csv {
            let mut line = format!("{:.2}", row.time_s);
            for level_db in &row.levels_db {
                // Nothing fails that is written to a text.
                let _ = write!(line, ",{level_db:.2}");
            }
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        } else {
            row.time_s.append(&mut bytes);
            row.levels_db.iter().for_each(|level_db| f64::from(*level_db).append(&mut bytes));
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erbium_npy::Array;
    use std::io::Cursor;

    fn head(format: Format) -> Head {
        let start = OffsetDateTime::from_unix_timestamp(1_790_000_000).expect("in range");
        Head { start, interval: "0.1 s", centres_hz: vec![100.0, 1_000.5], format }
    }

    fn row(number: u8) -> Row {
        let levels_db = (0..8_u8).map(|i| -f32::from(i) - 0.25).collect();
        Row { time_s: f64::from(number) * 0.1, levels_db }
    }

    /// A disk with room for so many bytes.
    struct Disk {
        held: Cursor<Vec<u8>>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let place = usize::try_from(self.held.position()).expect("small");
            match self.room.saturating_sub(place).min(bytes.len()) {
                0 => Err(io::Error::from(io::ErrorKind::StorageFull)),
                fitting => self.held.write(&bytes[..fitting]),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
            self.held.seek(place)
        }
    }

    impl Storage for Disk {
        fn set_len(&mut self, bytes: u64) -> io::Result<()> {
            self.held.get_mut().truncate(usize::try_from(bytes).expect("small"));
            Ok(())
        }
    }

    fn values(bytes: &[u8]) -> (Vec<usize>, Vec<f64>) {
        let array = Array::read(bytes, 1 << 20).expect("an array");
        (array.shape().to_vec(), array.values().expect("float64"))
    }

    #[test]
    fn a_file_is_complete_after_every_row() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("not there yet");
        for format in [Format::Csv, Format::Npy] {
            let (path, mut log) = create(&own, head(format)).expect("writable");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            assert_eq!(name, format!("band-levels-20260921T141320Z-1.{}", format.extension()));
            for number in 0..20 {
                let bytes = std::fs::read(&path).expect("there");
                if format == Format::Csv {
                    let text = String::from_utf8(bytes).expect("text");
                    let lines: Vec<&str> = text.lines().collect();
                    assert!(lines[0].contains(" from 2026-09-21T14:13:20Z on, a row every 0.1 s"));
                    assert!(
                        lines[1]
                            .starts_with("time_s,100.00 Hz pre average,1000.50 Hz pre average,")
                            && lines[1].ends_with(",1000.50 Hz post maximum"),
                        "{}",
                        lines[1]
                    );
                    assert!(text.ends_with('\n') && lines.len() == 2 + usize::from(number));
                    if number == 13 {
                        let levels = "-0.25,-1.25,-2.25,-3.25,-4.25,-5.25,-6.25,-7.25";
                        assert_eq!(lines[14], format!("1.20,{levels}"));
                    }
                } else {
                    let (shape, values) = values(&bytes);
                    assert_eq!(shape, [usize::from(number), 9]);
                    for (i, row) in values.chunks_exact(9).enumerate() {
                        assert!((row[0] - crate::cast::real(i) * 0.1).abs() < 1e-9);
                        assert_eq!(row[8], -7.25);
                    }
                }
                log.append(&row(number)).expect("writable");
            }
            let (other, _) = create(&own, head(format)).expect("writable");
            assert!(other != path && log.rows() == 20, "no log replaces another");
        }
    }

    #[test]
    fn a_full_disk_leaves_the_rows_before_and_a_header_that_says_so() {
        for format in [Format::Csv, Format::Npy] {
            for room in [300, 400, 501, 999, 1_000] {
                let start = head(format).bytes(0).expect("a head");
                let mut held = Cursor::new(start.clone());
                held.seek(SeekFrom::End(0)).expect("seeks");
                let (storage, bytes) = (Disk { held, room }, start.len() as u64);
                let mut log = LogFile { storage, head: head(format), rows: 0, bytes };
                let failed = (0..100).find_map(|number| log.append(&row(number)).err());
                let kind = failed.expect("there is no room for a hundred").kind();
                assert_eq!(kind, io::ErrorKind::StorageFull);
                let rows = usize::try_from(log.rows()).expect("few");
                let bytes = log.storage.held.into_inner();
                if format == Format::Csv {
                    let text = String::from_utf8(bytes).expect("text");
                    assert!(text.ends_with('\n') && text.lines().count() == 2 + rows, "{text}");
                    assert!(text.lines().skip(1).all(|line| line.split(',').count() == 9));
                } else {
                    assert_eq!(values(&bytes).0, [rows, 9], "{room}");
                }
                assert!(start.len() >= room || rows > 0 || room - start.len() < 80);
            }
        }
    }

    #[test]
    fn the_head_of_an_array_is_as_long_for_any_number_of_rows() {
        let head = Head { centres_hz: vec![0.0; 64], ..head(Format::Npy) };
        let lengths = [0, u64::from(u32::MAX), u64::MAX >> 1]
            .map(|rows| head.bytes(rows).expect("a head").len());
        assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    }
}
