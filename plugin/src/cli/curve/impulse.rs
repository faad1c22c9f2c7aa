//! The impulse response of the plugin with a curve, for convolvers.

use super::super::files::audio::{Layout, SampleFormat, Writer};
use super::super::render::{chain_for, settings};
use anyhow::Result;
use erbium::export::output_file::OutputFile;
use erbium::state::param::setting::Setting;
use erbium::state::preset::Preset;
use std::path::Path;

/// Writes what the plugin makes of an impulse, from the impulse on, with one channel of 32-bit floats. Says what there
/// is in the file.
pub fn write(
    path: &Path,
    preset: &Preset,
    further: &[Setting],
    sample_rate_hz: u32,
) -> Result<String> {
    let (settings, bank, notice) = settings(preset, None, further, f64::from(sample_rate_hz))?;
    let mut chain = chain_for(&settings, 1)?;
    let mut response = vec![0.0; bank.latency_samples() + chain.tail_samples() + 1];
    response[0] = 1.0;
    chain.process(&settings, &mut [&mut response]);
    let heard = response.iter().rposition(|sample| *sample != 0.0).map_or(1, |last| last + 1);
    response.truncate(heard.max(bank.latency_samples() + 1));
    let layout = Layout { channels: 1, sample_rate_hz, speakers: None };
    let file = OutputFile::create(path)?;
    let mut writer = Writer::new(file, layout, SampleFormat::F32, None)?;
    writer.write(&[&response])?;
    writer.finish()?;
    let latency = bank.latency_samples();
    let notice = notice.map(|notice| format!("; {notice}")).unwrap_or_default();
    Ok(format!(
        "impulse response of {} samples at {sample_rate_hz} Hz, latency {latency}{notice}",
        response.len()
    ))
}
