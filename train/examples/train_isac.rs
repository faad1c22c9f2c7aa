//! Trains the kernels and the decoder of an ISAC bank on noise, with κ as regulariser:
//! `cargo run --release -p erbium-train --example train_isac`.

use candle_core::{Device, Result, Tensor};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use erbium_dsp::feature::isac::Encoder;
use erbium_train::{Decoder, Isac, untightness};

const STEPS: usize = 200;
/// The weight of the regulariser.
const TIGHT: f64 = 1.0;

fn main() -> Result<()> {
    let isac = Isac::new(&Encoder::spec(16_000.0, 16, 32, 16))?;
    let decoder = Decoder::adjoint(&isac)?;
    let parameters = [isac.parameters(), decoder.parameters()].concat();
    let parameters = parameters.into_iter().map(|(_, parameter)| parameter.clone()).collect();
    let config = ParamsAdamW { lr: 1e-4, weight_decay: 0.0, ..ParamsAdamW::default() };
    let mut optimiser = AdamW::new(parameters, config)?;
    println!("step  error / dB  condition number");
    for step in 0..=STEPS {
        let sound = Tensor::randn(0.0, 1.0, (2, 256), &Device::Cpu)?;
        let restored = decoder.forward(&isac.forward(&sound)?)?;
        let error = (restored - &sound)?.sqr()?.mean_all()?;
        if step % 50 == 0 {
            let error_db = 10.0 * error.to_scalar::<f64>()?.log10();
            let kappa = isac.encoder()?.frame_bounds().condition_number();
            println!("{step:4}  {error_db:10.1}  {kappa:16.4}");
        }
        optimiser.backward_step(&(error + (untightness(&isac)? * TIGHT)?)?)?;
    }
    Ok(())
}
