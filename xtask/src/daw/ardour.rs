//! Ardour without its window: the script in xtask/daw drives it.

use crate::files::remove;
use crate::install;
use crate::run::{output_of, run, succeeds};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Versions that have what the script calls; tried with 7.3.
const NAMES: &[&str] = &["ardour9", "ardour8", "ardour7"];
/// What does all steps of one call; they take some seconds.
const SCRIPT: &str = "xtask/daw/ardour.lua";
/// More than any of its calls takes, so that one that hangs ends.
const MOST_SECONDS: &str = "300";
/// The stereo track that the script makes.
pub const TRACK: &str = "Track";
/// The name that sessions go by, each in a folder of its own.
pub const SESSION: &str = "session";
/// The id of [`EXPORT_PRESET`].
pub const EXPORT: &str = "0d1c54cf-6b8b-4b54-9f6a-3a4c6d1f5e02";

/// A preset of exports that only says in which format.
const EXPORT_PRESET: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ExportPreset id="0d1c54cf-6b8b-4b54-9f6a-3a4c6d1f5e02" name="Floats">
  <ExportFormat id="7be0a2de-92c5-4f0c-8d52-6c1f0b9a7d11"/>
</ExportPreset>
"#;

/// WAV as Ardour computes: 32-bit floats at the session's rate, nothing added and nothing normalised.
const EXPORT_FORMAT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ExportFormatSpecification name="Floats" id="7be0a2de-92c5-4f0c-8d52-6c1f0b9a7d11">
  <Encoding id="F_WAV" type="T_Sndfile" extension="wav" name="WAV" has-sample-format="true" channel-limit="256"/>
  <SampleRate rate="1"/>
  <EncodingOptions>
    <Option name="sample-format" value="SF_Float"/>
    <Option name="dithering" value="D_None"/>
  </EncodingOptions>
</ExportFormatSpecification>
"#;

/// No resampling at the ports: its latency is there in most processes of Ardour and missing in some, and what
/// is equal bit for bit depends on it, as on the length of blocks.
const CONFIGURATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Ardour>
  <Config>
    <Option name="port-resampler-quality" value="0"/>
  </Config>
</Ardour>
"#;

/// An Ardour with a home folder of its own, so that it knows one plugin and no settings of the user's.
pub struct Ardour {
    name: &'static str,
    home: PathBuf,
    /// What it says, call by call.
    log: PathBuf,
}

impl Ardour {
    /// Finds it, and lets it scan this VST3 bundle. Makes its home in this folder, an absolute path.
    pub fn new(folder: &Path, vst3: &Path) -> Result<Self> {
        let lua = |name: &&&str| succeeds(Command::new(format!("{name}-lua")).arg("--version"));
        let Some(name) = NAMES.iter().find(lua) else {
            bail!(
                "there is no Ardour that runs scripts: none of {}",
                NAMES.join("-lua, ") + "-lua"
            );
        };
        let ardour = Self { name, home: folder.join("home"), log: folder.join("ardour.log") };
        let configuration = ardour.home.join(".config").join(name);
        let export = configuration.join("export");
        fs::create_dir_all(&export)?;
        fs::write(configuration.join("config"), CONFIGURATION)?;
        fs::write(export.join("floats.preset"), EXPORT_PRESET)?;
        fs::write(export.join("floats.format"), EXPORT_FORMAT)?;
        let bundle = ardour.home.join(".vst3").join(vst3.file_name().context("a nameless bundle")?);
        install::replace(vst3, &bundle)?;
        // Ardour passes by what was scanned in the second in which the plugin was written.
        sleep(Duration::from_secs(2));
        let library = Path::new("/usr/lib").join(name);
        let mut scanner = Command::new(library.join("ardour-vst3-scanner"));
        run(ardour
            .environment(&mut scanner)
            .env("LD_LIBRARY_PATH", &library)
            .args(["--force", "--quiet"])
            .arg(&bundle))?;
        Ok(ardour)
    }

    /// What it calls itself.
    pub fn version(&self) -> Result<String> {
        let mut command = Command::new(format!("{}-lua", self.name));
        let text = output_of(self.environment(&mut command).arg("--version"))?;
        Ok(text.split_whitespace().nth(2).unwrap_or_default().to_owned())
    }

    /// Does these steps of the script with the session in this folder.
    pub fn run<S: AsRef<OsStr>>(&self, session: &Path, steps: &[S]) -> Result<()> {
        let said = |what: &str| format!("cannot write what Ardour says, {what}");
        let log = fs::File::create(&self.log).with_context(|| said("to a file"))?;
        let errors = log.try_clone().with_context(|| said("to a file"))?;
        let mut command = Command::new("timeout");
        command.args(["--kill-after=10", MOST_SECONDS]).arg(format!("{}-lua", self.name));
        // Or Ardour takes a negative value for an option of its own.
        command.arg("--").arg(SCRIPT).arg(session).arg(SESSION).args(steps);
        let status = self
            .environment(&mut command)
            .stdout(log)
            .stderr(errors)
            .status()
            .context("cannot run timeout, of coreutils")?;
        if status.success() {
            return Ok(());
        }
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let last: Vec<&str> = text.lines().rev().take(8).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        bail!("Ardour failed ({status}); the last it said:\n  {}", last.join("\n  "));
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for name in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "VST3_PATH"] {
            command.env_remove(name);
        }
        command
            .env("HOME", &self.home)
            .env("LC_ALL", "C")
            // Flush-to-zero, denormals-are-zero, SSE and SSE2 only: on a processor with AVX-512, Ardour 7.3
            // damages its heap in about every fifth export, without any plugin as well.
            .env("ARDOUR_FPU_FLAGS", "15")
            .stdin(Stdio::null())
    }
}

/// Makes a folder anew.
pub fn fresh(folder: &Path) -> Result<()> {
    let what = || format!("cannot make {}", folder.display());
    remove(folder).with_context(what)?;
    fs::create_dir_all(folder).with_context(what)
}
