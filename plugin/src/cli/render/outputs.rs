//! Where each input goes.

use super::super::files::output_plan::OutputPlan;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// The name of an input's output beside it, or in a folder.
fn name(input: &Path) -> std::ffi::OsString {
    let mut name = input.file_stem().unwrap_or_default().to_owned();
    name.push(".erbium.wav");
    name
}

/// Where each of `inputs` goes: to the file or into the folder `output`, or beside itself.
///
/// # Errors
/// Where that is not possible, two would become one, or one would replace what is read.
pub fn outputs(
    inputs: &[PathBuf],
    output: Option<&Path>,
    mut plan: OutputPlan,
) -> Result<Vec<PathBuf>> {
    let outputs = match output {
        None => {
            if let Some(input) = inputs.iter().find(|input| is_pipe_or_device(input)) {
                bail!(
                    "{} is no file to write beside; possible: -o FILE or FOLDER",
                    input.display()
                );
            }
            inputs.iter().map(|input| input.with_file_name(name(input))).collect()
        }
        Some(folder) if folder.is_dir() => {
            inputs.iter().map(|input| folder.join(name(input))).collect()
        }
        Some(file) => vec![one_output(file, inputs.len())?],
    };
    for (input, output) in inputs.iter().zip(&outputs) {
        plan.add(output, Some(input))?;
    }
    Ok(outputs)
}

/// The output of one input, where there is no folder of that name.
fn one_output(file: &Path, inputs: usize) -> Result<PathBuf> {
    let name = file.display();
    if inputs > 1 && file.exists() {
        bail!("{inputs} files cannot become one, {name}; possible: -o with an existing folder");
    }
    if inputs > 1 || name.to_string().ends_with(std::path::is_separator) {
        bail!("the folder {name} does not exist; possible: -o with an existing folder");
    }
    if !file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wav")) {
        bail!("cannot render to {name}; possible: a name ending in .wav");
    }
    Ok(file.to_owned())
}

/// Whether an input exists and is neither file nor folder.
fn is_pipe_or_device(input: &Path) -> bool {
    input.metadata().is_ok_and(|data| !data.is_file() && !data.is_dir())
}
