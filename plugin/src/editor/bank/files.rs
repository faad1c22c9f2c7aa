//! The bank files in the user's folder, and the one that is loaded.

use crate::state::bank_file::{BankFile, Listed, listed, own_folder};
use crate::state::params::ErbiumParams;
use crate::telemetry::Telemetry;
use std::path::PathBuf;

/// How often the folder is read, in seconds.
const REFRESH_S: f64 = 2.0;

/// The files in the user's folder of banks.
pub struct BankFiles {
    folder: Option<PathBuf>,
    files: Vec<Listed>,
    refreshed_s: Option<f64>,
}

impl Default for BankFiles {
    fn default() -> Self {
        Self { folder: own_folder(), files: Vec::new(), refreshed_s: None }
    }
}

impl BankFiles {
    /// Reads this folder from now on.
    pub fn set_folder(&mut self, folder: PathBuf) {
        *self = Self { folder: Some(folder), ..Self::default() };
    }

    /// Reads the folder again when it is time to. `now_s` is a clock in seconds.
    pub fn refresh(&mut self, now_s: f64) {
        if self.refreshed_s.is_none_or(|refreshed_s| now_s - refreshed_s >= REFRESH_S) {
            self.refreshed_s = Some(now_s);
            self.files = self.folder.as_deref().map(listed).unwrap_or_default();
        }
    }

    /// What is there.
    #[must_use]
    pub fn files(&self) -> &[Listed] {
        &self.files
    }

    /// Plays a file from now on, or sets a notice why not; with `None` the bank of the parameters again.
    pub fn load(&self, index: Option<usize>, params: &ErbiumParams, telemetry: &Telemetry) {
        let Some(index) = index else { return params.bank_file.load(None) };
        let Some(listed) = self.files.get(index) else { return };
        match BankFile::read(&listed.path) {
            Ok(file) => params.bank_file.load(Some(file)),
            Err(error) => telemetry.set_notice(Some(format!("{error:#}"))),
        }
    }
}
