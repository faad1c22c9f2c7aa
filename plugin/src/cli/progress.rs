//! The progress bar.

use super::files::audio::Reader;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;

/// A bar on standard error where that is a terminal, in samples of all files together.
pub fn progress_bar(files: &[PathBuf]) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    // A pipe can be read only once.
    let readers = files.iter().filter(|file| file.is_file()).map(|file| Reader::open(file));
    let samples = readers.filter_map(|reader| reader.ok()?.promised_samples());
    let samples = samples.fold(0, u64::saturating_add);
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {elapsed} of {duration}");
    ProgressBar::new(samples).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
