//! Virtual environments of Python packages inside target/.

use crate::run::{run, succeeds, target_dir};
use anyhow::Result;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A package's name and version on PyPI.
pub type Package = (&'static str, &'static str);

/// Says what [`ensure`] would install.
pub fn announce(packages: &[Package], venv: &str) {
    for (name, version) in packages {
        println!("Would install {name} {version} from PyPI into target/{venv}");
    }
}

/// The interpreter of a virtual environment that has these packages.
pub fn ensure(packages: &[Package], name: &str) -> Result<PathBuf> {
    let python = target_dir()?.join(name).join("bin").join("python");
    let check = |(name, version): &Package| {
        // Versions built for other machines carry more after a plus sign.
        format!(
            "import {name}, importlib.metadata as m; \
             assert m.version('{name}').split('+')[0] == '{version}'"
        )
    };
    let check: Vec<_> = packages.iter().map(check).collect();
    if succeeds(Command::new(&python).args(["-c", &check.join("\n")])) {
        return Ok(python);
    }
    fresh(packages, name)
}

/// The interpreter of a virtual environment made anew, with these packages and what they need.
pub fn fresh(packages: &[Package], name: &str) -> Result<PathBuf> {
    let venv = target_dir()?.join(name);
    let python = venv.join("bin").join("python");
    let wanted: Vec<_> =
        packages.iter().map(|(name, version)| format!("{name}=={version}")).collect();
    eprintln!("Installing {} from PyPI into {}", wanted.join(", "), venv.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(&wanted)
        .stdin(Stdio::null()))?;
    Ok(python)
}
