//! Trains an ISAC bank: its kernels towards a tight frame, with the condition number κ as regulariser; and
//! for the published kernels a dual by gradient, against the one solved for directly:
//! `cargo run -p erbium-train --example train_isac`.

use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use erbium_dsp::feature::isac::Encoder;
use erbium_train::{Decoder, Isac, untightness};

/// Steps of training the kernels, and of training the dual.
const STEPS: [usize; 2] = [150, 300];
/// How many lines each training prints.
const LINES: usize = 5;
/// The weight of the regulariser against the error.
const TIGHT: f64 = 10.0;

fn main() -> Result<()> {
    let spec = Encoder::spec(16_000.0, 24, 64, 16);
    tighten(&Isac::new(&spec)?)?;
    learn_dual(&Isac::new(&spec)?)
}

/// Trains the kernels together with their adjoint: the tighter the frame, the better it restores.
fn tighten(isac: &Isac) -> Result<()> {
    let decoder = Decoder::adjoint(isac)?;
    let mut optimiser = adam(&[isac.parameters(), decoder.parameters()].concat(), 3e-4)?;
    println!("Kernels and adjoint, κ as regulariser");
    println!("step  error / dB       κ");
    for step in 0..=STEPS[0] {
        let error = error(isac, &decoder)?;
        if step % (STEPS[0] / LINES) == 0 {
            let bounds = isac.encoder()?.frame_bounds();
            let kappa = bounds.map_or(f64::NAN, |bounds| bounds.condition_number());
            println!("{step:4}  {:10.1}  {kappa:6.4}", db(&error)?);
        }
        optimiser.backward_step(&(error + (untightness(isac)? * TIGHT)?)?)?;
    }
    Ok(())
}

/// Trains a dual, from the adjoint on.
fn learn_dual(isac: &Isac) -> Result<()> {
    let decoder = Decoder::adjoint(isac)?;
    println!("\nDual by gradient, published kernels held");
    println!("step  error / dB");
    let mut optimiser = adam(&decoder.parameters(), 1e-3)?;
    for step in 0..=STEPS[1] {
        let error = error(isac, &decoder)?;
        if step % (STEPS[1] / LINES) == 0 {
            println!("{step:4}  {:10.1}", db(&error)?);
        }
        // Ever smaller steps, or the noise of the batches is all that is left.
        #[expect(clippy::cast_precision_loss)]
        let left = 1.0 - step as f64 / STEPS[1] as f64;
        optimiser.set_learning_rate(1e-3 * left * left);
        optimiser.backward_step(&error)?;
    }
    let solved = error(isac, &Decoder::solved(isac)?)?;
    println!("Dual solved for directly: {:.1} dB", db(&solved)?);
    Ok(())
}

fn adam(parameters: &[(&str, &Var)], learning_rate: f64) -> Result<AdamW> {
    let parameters = parameters.iter().map(|(_, parameter)| (*parameter).clone()).collect();
    let config = ParamsAdamW { lr: learning_rate, weight_decay: 0.0, ..ParamsAdamW::default() };
    AdamW::new(parameters, config)
}

/// The mean squared error of the restored sound, of white noise of power 1.
fn error(isac: &Isac, decoder: &Decoder) -> Result<Tensor> {
    let sound = Tensor::randn(0.0, 1.0, (2, 512), &Device::Cpu)?;
    (decoder.forward(&isac.forward(&sound)?)? - &sound)?.sqr()?.mean_all()
}

fn db(power: &Tensor) -> Result<f64> {
    Ok(10.0 * power.to_scalar::<f64>()?.log10())
}
