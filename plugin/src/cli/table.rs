//! `erbium bank --table`: every combination of kind, scale, bands, latency and sample rate, measured.

use anyhow::Result;
use erbium::export::output_file::OutputFile;
use erbium_dsp::{Bank, BankSpec, DesignError, Kind, Quality, Scale, Sizing};
use rayon::prelude::*;
use std::io::{BufWriter, Write};
use std::time::Instant;

const BANDS: [usize; 5] = [8, 16, 24, 40, 64];
const LATENCIES_MS: [f64; 7] = [2.0, 4.0, 8.0, 11.0, 16.0, 21.0, 43.0];
const RATES_HZ: [f64; 6] = [44_100.0, 48_000.0, 88_200.0, 96_000.0, 176_400.0, 192_000.0];

/// One combination.
struct Cell {
    spec: BankSpec,
    bank: Result<Bank, DesignError>,
    design_ms: f64,
}

/// What counts as worst: a name, a unit, and the figure of a cell.
type Figure = (&'static str, &'static str, fn(&Bank, f64) -> f64);

const FIGURES: [Figure; 5] = [
    ("reconstruction error, worst sinusoid", " dB", |bank, _| bank.report().flat_sine_db),
    ("reconstruction error, noise", " dB", |bank, _| bank.report().flat_noise_db),
    ("alias, worst of four gain tests", " dB", |bank, _| bank.report().worst_alias_db()),
    ("sum of the bands' magnitudes", "", |bank, _| bank.report().peak_magnitude_sum),
    ("design time", " ms", |_, design_ms| design_ms),
];

/// Designs every combination, writes a row for each, and tells the worst of them.
pub fn write(quality: Quality, output: OutputFile) -> Result<String> {
    let cells: Vec<Cell> = specs(quality).into_par_iter().map(cell).collect();
    let mut file = BufWriter::new(output.writer());
    writeln!(
        file,
        "kind,scale,bands,latency_ms,rate,flat_noise_db,flat_sine_db,alias_notch_db,alias_solo_db,\
         alias_random_db,alias_zigzag_db,peak_magnitude_sum,min_band_share,macs_per_sample,design_ms,refusal"
    )?;
    for cell in &cells {
        writeln!(file, "{}", row(cell))?;
    }
    file.flush()?;
    drop(file);
    output.finish()?;
    Ok(summary(&cells))
}

fn specs(quality: Quality) -> Vec<BankSpec> {
    let mut specs = Vec::new();
    for &kind in Kind::ALL {
        // Those that the plugin has.
        for scale in Scale::ALL.into_iter().filter(|scale| *scale != Scale::Elelog) {
            for bands in BANDS {
                for ms in LATENCIES_MS {
                    specs.extend(RATES_HZ.map(|sample_rate_hz| BankSpec {
                        kind,
                        scale,
                        bands,
                        sizing: Sizing::Latency { ms },
                        quality,
                        sample_rate_hz,
                        ..BankSpec::default()
                    }));
                }
            }
        }
    }
    specs
}

fn cell(spec: BankSpec) -> Cell {
    let start = Instant::now();
    let bank = Bank::design(&spec);
    Cell { spec, bank, design_ms: start.elapsed().as_secs_f64() * 1000.0 }
}

fn name(spec: &BankSpec) -> String {
    let Sizing::Latency { ms } = spec.sizing else { return String::new() };
    format!("{},{},{},{ms},{}", spec.kind, spec.scale, spec.bands, spec.sample_rate_hz)
}

fn row(cell: &Cell) -> String {
    let name = name(&cell.spec);
    match &cell.bank {
        Ok(bank) => {
            let report = bank.report();
            format!(
                "{name},{:.1},{:.1},{:.1},{:.1},{:.1},{:.1},{:.3},{:.3},{:.0},{:.0},",
                report.flat_noise_db,
                report.flat_sine_db,
                report.alias_notch_db,
                report.alias_solo_db,
                report.alias_random_db,
                report.alias_zigzag_db,
                report.peak_magnitude_sum,
                report.min_band_share,
                report.macs_per_sample,
                cell.design_ms
            )
        }
        Err(refusal) => format!("{name},,,,,,,,,,{:.0},\"{refusal}\"", cell.design_ms),
    }
}

fn summary(cells: &[Cell]) -> String {
    let refused: Vec<&Cell> = cells.iter().filter(|cell| cell.bank.is_err()).collect();
    let mut lines =
        vec![format!("{} combinations, {} of them refused", cells.len(), refused.len())];
    for (what, unit, figure) in FIGURES {
        let of = |cell: &Cell| cell.bank.as_ref().ok().map(|bank| figure(bank, cell.design_ms));
        let figures = cells.iter().filter_map(|cell| Some((of(cell)?, cell)));
        if let Some((worst, cell)) = figures.max_by(|a, b| a.0.total_cmp(&b.0)) {
            lines.push(format!("worst {what}: {worst:.2}{unit} ({})", name(&cell.spec)));
        }
    }
    for cell in refused {
        if let Err(refusal) = &cell.bank {
            lines.push(format!("refused: {}: {refusal}", name(&cell.spec)));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Cell, cell, row, specs, summary};
    use erbium_dsp::{DesignError, Quality, Scale, Sizing};

    #[test]
    fn every_combination_is_there_once_and_the_worst_is_named() {
        let specs = specs(Quality::Standard);
        assert_eq!(specs.len(), 2 * 5 * 5 * 7 * 6);
        let quick = |wanted: usize, hz: f64| {
            let is = |spec: &&erbium_dsp::BankSpec| {
                spec.bands == wanted
                    && spec.scale == Scale::Bark
                    && spec.sizing == Sizing::Latency { ms: 21.0 }
                    && spec.sample_rate_hz == hz
            };
            cell(*specs.iter().find(is).expect("there"))
        };
        let refused = Cell {
            bank: Err(DesignError::Opaque {
                bands: 8,
                flat_sine_db: -50.0,
                alias_db: -60.0,
                peak_magnitude_sum: 1.6,
            }),
            ..quick(8, 48_000.0)
        };
        let cells = [quick(16, 48_000.0), refused];
        assert!(row(&cells[0]).starts_with("isac,bark,16,21,48000,-1"), "{}", row(&cells[0]));
        assert!(row(&cells[1]).contains("possible: "), "{}", row(&cells[1]));
        let summary = summary(&cells);
        assert!(summary.starts_with("2 combinations, 1 of them refused\n"), "{summary}");
        assert!(summary.contains("(isac,bark,16,21,48000)"), "{summary}");
    }
}
