//! Pixels as a PNG file.

use super::output_file::OutputFile;
use anyhow::Result;
use png::{BitDepth, ColorType, Encoder};
use std::io::BufWriter;

/// Writes red, green and blue of every pixel, row after row, of a picture of this width and height.
///
/// # Errors
/// When the file cannot be written.
pub fn write(pixels: &[u8], (width, height): (u32, u32), output: &OutputFile) -> Result<()> {
    let mut encoder = Encoder::new(BufWriter::new(output.writer()), width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    Ok(writer.finish()?)
}
