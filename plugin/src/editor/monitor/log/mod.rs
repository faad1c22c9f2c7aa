//! A log of band levels, for hours: rows are gathered on the editor's thread and written on one of its
//! own, through a queue of bounded length.

pub mod file;
pub mod intervals;

use crate::editor::monitor::log::file::Head;
use crate::editor::monitor::log::intervals::{Interval, Intervals, Row};
use crate::export::Format;
use crate::message::one_line;
use crate::state::user_folders;
use crate::telemetry::Column;
use anyhow::{Context, Result};
use erbium_dsp::Bank;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use time::OffsetDateTime;

/// Rows that wait for a slow disk, 0.3 MB: a minute at ten rows a second. What comes after them is lost,
/// and said to be.
const ROWS_WAITING: usize = 600;

/// What the thread has done so far.
#[derive(Default)]
struct Progress {
    path: OnceLock<PathBuf>,
    rows: AtomicU64,
}

/// A log that goes on.
struct Running {
    intervals: Intervals,
    queue: SyncSender<Row>,
    started_s: f64,
    centres_hz: Vec<f64>,
    lost_rows: u64,
}

/// A thread that writes, until its queue has ended.
struct Writer {
    thread: JoinHandle<Result<()>>,
    progress: Arc<Progress>,
    /// Why no more rows come, beside the user's will.
    reason: Option<String>,
    lost_rows: u64,
}

/// Starts and ends logs, one at a time.
#[derive(Default)]
pub struct BandLog {
    /// Where files go; the user's documents if `None`.
    pub folder: Option<PathBuf>,
    running: Option<Running>,
    writer: Option<Writer>,
    message: Option<String>,
    /// Whether the message is of something that nobody asked for.
    warns: bool,
}

impl BandLog {
    /// Starts a log of a bank's levels at `now_s`, a clock in seconds, unless one is being written.
    pub fn start(&mut self, bank: &Bank, interval: Interval, format: Format, now_s: f64) {
        if self.writer.is_some() {
            return;
        }
        let centres_hz = bank.centres_hz().to_vec();
        let head = Head {
            start: OffsetDateTime::now_utc().truncate_to_second(),
            interval: interval.name(),
            centres_hz: centres_hz.clone(),
            format,
        };
        let (queue, rows) = sync_channel(ROWS_WAITING);
        let progress = Arc::<Progress>::default();
        let (folder, shared) = (self.folder.clone(), progress.clone());
        let thread = std::thread::Builder::new().name("erbium-log".to_owned());
        match thread.spawn(move || write(folder, head, &rows, &shared)) {
            Ok(thread) => {
                let intervals = Intervals::new(bank.bands(), interval);
                let started_s = now_s;
                self.running =
                    Some(Running { intervals, queue, started_s, centres_hz, lost_rows: 0 });
                self.writer = Some(Writer { thread, progress, reason: None, lost_rows: 0 });
                self.message = None;
            }
            Err(error) => {
                (self.message, self.warns) = (Some(format!("nothing is logged: {error}")), true);
            }
        }
    }

    /// With every frame: takes the columns that have arrived, and ends the log where its bank is no
    /// longer the one that plays or its file cannot be written.
    pub fn update(&mut self, columns: &[Column], bank: Option<&Bank>, now_s: f64) {
        if let Some(running) = &mut self.running {
            running.push(columns, now_s);
            if bank.is_some_and(|bank| bank.centres_hz() != running.centres_hz) {
                self.close(Some("the bands are others now"));
            }
        }
        if self.writer.as_ref().is_some_and(|writer| writer.thread.is_finished()) {
            self.join();
        }
    }

    /// Ends the log, without waiting for the disk.
    pub fn stop(&mut self) {
        self.close(None);
    }

    /// Ends the log and waits until its file is complete, as the window goes away; returns what there
    /// is to say of it.
    pub fn end(&mut self) -> Option<String> {
        self.writer.as_ref()?;
        self.close(Some("the window was closed"));
        self.join();
        self.message.clone()
    }

    /// Whether rows are being gathered.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether another log can be started.
    #[must_use]
    pub fn can_start(&self) -> bool {
        self.writer.is_none()
    }

    /// How many rows are on the disk, and in which file, while one is written.
    #[must_use]
    pub fn progress(&self) -> Option<(u64, Option<&PathBuf>)> {
        let progress = &self.writer.as_ref()?.progress;
        Some((progress.rows.load(Ordering::Relaxed), progress.path.get()))
    }

    /// What there is to say of the last log.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Whether it is of something that nobody asked for.
    #[must_use]
    pub fn warns(&self) -> bool {
        self.warns
    }

    /// Lets no more rows come; the thread ends once it has written those that wait.
    fn close(&mut self, reason: Option<&str>) {
        let (Some(mut running), Some(writer)) = (self.running.take(), &mut self.writer) else {
            return;
        };
        if let Some(row) = running.intervals.finish() {
            running.send(row);
        }
        writer.reason = reason.map(ToOwned::to_owned);
        writer.lost_rows = running.lost_rows;
    }

    fn join(&mut self) {
        // Where it failed, rows are still gathered.
        self.close(None);
        let Some(writer) = self.writer.take() else { return };
        // A panic has been reported by its own thread.
        let result = writer.thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("it broke off")));
        let rows = writer.progress.rows.load(Ordering::Relaxed);
        let path = writer.progress.path.get();
        let counted = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        let whole = path.map(|path| format!("{counted} in {}", path.display()));
        let lost = match writer.lost_rows {
            0 => String::new(),
            lost => format!("; {lost} were lost, as the disk was too slow"),
        };
        self.warns = result.is_err() || writer.reason.is_some() || writer.lost_rows > 0;
        let text = match (result, whole) {
            (Ok(()), Some(whole)) => match writer.reason {
                None => format!("Logged {whole}{lost}"),
                Some(reason) => format!("The log ended, as {reason}: {whole}{lost}"),
            },
            (Err(error), Some(whole)) => format!("The log ended: {error:#}: {whole}{lost}"),
            (Err(error), None) => format!("nothing is logged: {error:#}"),
            (Ok(()), None) => "nothing was logged".to_owned(),
        };
        self.message = Some(one_line(&text));
    }
}

impl Drop for BandLog {
    fn drop(&mut self) {
        // A host may unload the plugin as soon as its window has closed.
        let _ = self.end();
    }
}

impl Running {
    fn push(&mut self, columns: &[Column], now_s: f64) {
        for row in self.intervals.push(columns, now_s - self.started_s) {
            self.send(row);
        }
    }

    fn send(&mut self, row: Row) {
        // Where the thread has ended, its error says so.
        if let Err(TrySendError::Full(_)) = self.queue.try_send(row) {
            self.lost_rows += 1;
        }
    }
}

/// The thread: makes the file and writes rows as they come.
fn write(
    folder: Option<PathBuf>,
    head: Head,
    rows: &Receiver<Row>,
    progress: &Progress,
) -> Result<()> {
    let folder = folder.or_else(user_folders::documents);
    let folder = folder.context("this system names no folder of yours")?;
    let (path, mut file) = file::create(&folder, head)?;
    let _ = progress.path.set(path.clone());
    while let Ok(row) = rows.recv() {
        file.append(&row).with_context(|| format!("cannot write {}", path.display()))?;
        progress.rows.store(file.rows(), Ordering::Relaxed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::params::MAX_BANDS;
    use erbium_dsp::BankSpec;
    use std::path::Path;
    use std::time::{Duration, Instant};

    fn bank(bands: usize) -> Bank {
        Bank::design(&BankSpec { bands, ..BankSpec::default() }).expect("can be designed")
    }

    fn log(folder: &Path) -> BandLog {
        let mut log = BandLog::default();
        log.folder = Some(folder.to_owned());
        log
    }

    /// Plays so many frames of 20 ms.
    fn play(log: &mut BandLog, bank: &Bank, frames: u32, from_s: f64) {
        let column =
            Column { bands: bank.bands(), input: [0.1; MAX_BANDS], gains: [1.0; MAX_BANDS] };
        for frame in 1..=frames {
            log.update(&[column; 2], Some(bank), from_s + 0.02 * f64::from(frame));
        }
    }

    /// Draws frames until the file is complete.
    fn wait(log: &mut BandLog) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !log.can_start() {
            assert!(Instant::now() < deadline, "the log does not end");
            log.update(&[], None, 1_000.0);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn only_file(folder: &Path) -> String {
        let files: Vec<_> = std::fs::read_dir(folder).expect("a folder").collect();
        let [Ok(file)] = files.as_slice() else { panic!("{files:?}") };
        std::fs::read_to_string(file.path()).expect("text")
    }

    #[test]
    fn a_log_is_started_written_and_stopped() {
        let folder = tempfile::tempdir().expect("a folder");
        let (bank, mut log) = (bank(40), log(folder.path()));
        log.start(&bank, Interval::Second, Format::Csv, 100.0);
        assert!(log.is_running() && !log.can_start());
        play(&mut log, &bank, 500, 100.0);
        log.stop();
        assert!(!log.is_running());
        wait(&mut log);
        let said = log.message().expect("a message").to_owned();
        assert!(said.starts_with("Logged 10 rows in "), "{said}");
        let text = only_file(folder.path());
        let times: Vec<&str> =
            text.lines().skip(2).filter_map(|line| line.split(',').next()).collect();
        let expected: Vec<String> = (0..10).map(|i| format!("{i}.00")).collect();
        assert_eq!(times, expected);
    }

    #[test]
    fn a_closed_window_and_another_bank_end_it_with_a_message_and_a_complete_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let (first, mut log) = (bank(40), log(folder.path()));
        log.start(&first, Interval::Tenth, Format::Csv, 0.0);
        play(&mut log, &first, 50, 0.0);
        let said = log.end().expect("a message");
        assert!(said.starts_with("The log ended, as the window was closed: 10 rows in "), "{said}");
        assert_eq!(only_file(folder.path()).lines().count(), 12);
        assert_eq!(log.end(), None, "there is none");

        log.start(&first, Interval::Tenth, Format::Npy, 0.0);
        play(&mut log, &first, 50, 0.0);
        log.update(&[], Some(&bank(24)), 1.1);
        assert!(!log.is_running());
        wait(&mut log);
        let said = log.message().expect("a message");
        assert!(said.starts_with("The log ended, as the bands are others now: 10 rows"), "{said}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let (bank, mut log) = (bank(40), log(Path::new("/proc/nowhere")));
        log.start(&bank, Interval::Tenth, Format::Csv, 0.0);
        wait(&mut log);
        let said = log.message().expect("a message");
        assert!(
            said.starts_with("nothing is logged: cannot make the folder /proc/nowhere"),
            "{said}"
        );
        assert!(!log.is_running());
    }

    #[test]
    fn a_disk_that_stands_still_costs_rows_and_no_memory() {
        let (bank, mut log) = (bank(40), log(Path::new("unused")));
        // Nobody takes anything out of this queue.
        let (queue, rows) = sync_channel(ROWS_WAITING);
        let intervals = Intervals::new(40, Interval::Tenth);
        let centres_hz = bank.centres_hz().to_vec();
        log.running = Some(Running { intervals, queue, started_s: 0.0, centres_hz, lost_rows: 0 });
        play(&mut log, &bank, 5_000, 0.0);
        let running = log.running.take().expect("goes on");
        assert_eq!(running.lost_rows, 999 - 600);
        assert_eq!(rows.try_iter().count(), ROWS_WAITING);
    }
}
