//! Layers against the library's own numbers, and their gradients against finite differences.

use candle_core::{DType, Device, Result, Tensor, Var};
use erbium_dsp::BankSpec;
use erbium_dsp::feature::isac::{Encoder, Spectrogram, tightness};
use erbium_dsp::feature::layer::{Config, FilterbankLayer, Layout};
use erbium_train::{Averaging, AveragingConfig, Bands, Coefficients, Decoder, Isac, untightness};
use num_complex::Complex;

fn spec() -> BankSpec {
    Encoder::spec(8000.0, 10, 32, 4)
}

fn values(count: usize) -> Vec<f64> {
    (0..u32::try_from(count).expect("small")).map(|n| (0.37 * f64::from(n * n)).sin()).collect()
}

/// A batch of one.
fn sound() -> Result<Tensor> {
    Tensor::from_vec(values(160), (1, 160), &Device::Cpu)
}

fn scalar(tensor: &Tensor) -> f64 {
    tensor.to_scalar().expect("one number")
}

/// Compares the gradient of a loss with finite differences in a few of each parameter's numbers.
fn check(parameters: &[(&str, &Var)], loss: &dyn Fn() -> Result<Tensor>) -> Result<()> {
    let gradients = loss()?.backward()?;
    let step = 1e-5;
    for (name, parameter) in parameters {
        let gradient = gradients.get(parameter).unwrap_or_else(|| panic!("no gradient of {name}"));
        let gradient: Vec<f64> = gradient.flatten_all()?.to_vec1()?;
        let before: Vec<f64> = parameter.flatten_all()?.to_vec1()?;
        let largest = gradient.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        assert!(largest > 0.0, "{name} has no influence");
        for at in (0..before.len()).step_by(before.len() / 7 + 1) {
            let moved = |by: f64| -> Result<f64> {
                let mut after = before.clone();
                after[at] += by;
                parameter.set(&Tensor::from_vec(after, parameter.shape(), &Device::Cpu)?)?;
                Ok(scalar(&loss()?))
            };
            let slope = (moved(step)? - moved(-step)?) / (2.0 * step);
            moved(0.0)?;
            let error = (slope - gradient[at]).abs();
            assert!(error < 1e-6 * largest, "{name}[{at}]: {slope}, {}", gradient[at]);
        }
    }
    Ok(())
}

#[test]
fn coefficients_are_the_librarys_and_differentiate() -> Result<()> {
    let isac = Isac::new(&spec())?;
    let coefficients = isac.forward(&sound()?)?;
    let theirs = Encoder::design(&spec()).expect("valid").circular(&values(160));
    let re: Vec<f64> = coefficients.re.flatten_all()?.to_vec1()?;
    let im: Vec<f64> = coefficients.im.flatten_all()?.to_vec1()?;
    for ((re, im), theirs) in re.iter().zip(&im).zip(theirs.values()) {
        assert!((Complex::new(*re, *im) - theirs).norm() < 1e-12);
    }
    let weights = Tensor::from_vec(values(400), (1, 10, 40), &Device::Cpu)?;
    check(&isac.parameters(), &|| {
        let coefficients = isac.forward(&sound()?)?;
        // Neither linear nor the same for both parts.
        (coefficients.re.sqr()? + (coefficients.im.powf(3.0)? * 5.0)?)?.mul(&weights)?.sum_all()
    })
}

#[test]
fn reconstruction_differentiates_to_kernels_and_duals() -> Result<()> {
    let isac = Isac::new(&spec())?;
    let decoder = Decoder::adjoint(&isac)?;
    let parameters = [&isac.parameters()[..], &decoder.parameters()].concat();
    let error = || {
        let sound = sound()?;
        let restored = decoder.forward(&isac.forward(&sound)?)?;
        assert_eq!(restored.dims(), sound.dims());
        (restored - sound)?.sqr()?.sum_all()
    };
    // The adjoint of a nearly tight frame is nearly its inverse.
    assert!(scalar(&error()?) < 0.1 * values(160).iter().map(|x| x * x).sum::<f64>());
    check(&parameters, &error)
}

#[test]
fn the_solved_dual_gives_back_the_sound() -> Result<()> {
    let isac = Isac::new(&spec())?;
    let decoder = Decoder::solved(&isac)?;
    let restored = decoder.forward(&isac.forward(&sound()?)?)?;
    let error = scalar(&(restored - sound()?)?.sqr()?.sum_all()?);
    assert!(error < 1e-12 * values(160).iter().map(|x| x * x).sum::<f64>(), "{error}");
    Ok(())
}

#[test]
fn averages_are_the_librarys_and_differentiate() -> Result<()> {
    let isac = Isac::new(&spec())?;
    for power in [2.0, 1.0] {
        let config = AveragingConfig { bands: 10, frames: 8, hop: 4, power };
        let averaging = Averaging::new(&config)?;
        let coefficients = isac.forward(&sound()?)?;
        let ours: Vec<f64> = averaging.forward(&coefficients)?.flatten_all()?.to_vec1()?;
        let encoder = Encoder::design(&spec()).expect("valid");
        let circular = encoder.circular(&values(160));
        let mut spectrogram = Spectrogram::new(encoder);
        spectrogram.power = power;
        let theirs = spectrogram.apply(&circular);
        assert_eq!(ours.len(), theirs.values().len());
        for (ours, theirs) in ours.iter().zip(theirs.values()) {
            assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
        }
        let parameters = [&isac.parameters()[..], &averaging.parameters()].concat();
        check(&parameters, &|| averaging.forward(&isac.forward(&sound()?)?)?.sqr()?.sum_all())?;
    }
    Ok(())
}

#[test]
fn matrices_are_the_librarys_and_differentiate() -> Result<()> {
    let config = Config::new(8000.0, 64, 6);
    let bands = Bands::new(&config)?;
    let layer = FilterbankLayer::new(&config).expect("valid");
    let input = Tensor::from_vec(values(2 * 33 * 5), (2, 1, 33, 5), &Device::Cpu)?;
    let ours: Vec<f64> = bands.forward(&input)?.flatten_all()?.to_vec1()?;
    let theirs = layer.forward(&values(2 * 33 * 5), [2, 1, 33, 5]).expect("fits");
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!((ours - theirs).abs() < 1e-15);
    }
    check(&bands.parameters(), &|| bands.forward(&input)?.sqr()?.sum_all())?;
    let frozen = Bands::new(&Config { trainable: false, ..config })?;
    assert!(frozen.parameters().is_empty());
    Ok(())
}

#[test]
fn matrices_take_the_layout_of_their_configuration() -> Result<()> {
    let config = Config { layout: Layout::ChannelsLast, ..Config::new(8000.0, 64, 6) };
    let bands = Bands::new(&config)?;
    let layer = FilterbankLayer::new(&config).expect("valid");
    // batch, bins, frames, channels.
    let shape = [2, 33, 5, 3];
    let input = Tensor::from_vec(values(2 * 33 * 5 * 3), &shape, &Device::Cpu)?;
    let output = bands.forward(&input)?;
    assert_eq!(output.dims(), layer.output_shape(shape).expect("fits"));
    let ours: Vec<f64> = output.flatten_all()?.to_vec1()?;
    let theirs = layer.forward(&values(2 * 33 * 5 * 3), shape).expect("fits");
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!((ours - theirs).abs() < 1e-14, "{ours} {theirs}");
    }
    check(&bands.parameters(), &|| bands.forward(&input)?.sqr()?.sum_all())?;
    // One item alone.
    let alone: Vec<f64> = bands.forward(&input.get(0)?)?.flatten_all()?.to_vec1()?;
    assert_eq!(alone, ours[..6 * 5 * 3]);
    // The layout of the other configuration, not contiguous in memory.
    let first = Bands::new(&Config { layout: Layout::ChannelsFirst, ..config })?;
    let moved = first.forward(&input.permute((0, 3, 1, 2))?)?.permute((0, 2, 3, 1))?;
    let moved: Vec<f64> = moved.contiguous()?.flatten_all()?.to_vec1()?;
    for (ours, moved) in ours.iter().zip(&moved) {
        assert!((ours - moved).abs() < 1e-14, "{ours} {moved}");
    }
    // As square as it may be, it is not mistaken for the other.
    let error = bands.forward(&input.permute((0, 3, 1, 2))?).expect_err("channels first");
    assert!(error.to_string().contains("33 bins on the axis before the last 2"), "{error}");
    let error = first.forward(&Tensor::zeros(33, DType::F64, &Device::Cpu)?).expect_err("one axis");
    assert!(error.to_string().contains("input shape [33]"), "{error}");
    Ok(())
}

#[test]
fn sounds_need_not_be_contiguous() -> Result<()> {
    let isac = Isac::new(&spec())?;
    let sounds = Tensor::from_vec(values(320), (2, 160), &Device::Cpu)?;
    let strided = sounds.t()?.contiguous()?.t()?;
    let plain = isac.forward(&sounds)?;
    let coefficients = isac.forward(&strided)?;
    let difference = |a: &Tensor, b: &Tensor| -> Result<f64> {
        (a - b)?.abs()?.flatten_all()?.max(0)?.to_scalar()
    };
    assert!(difference(&coefficients.re, &plain.re)? < 1e-14);
    let turned = |part: &Tensor| part.transpose(1, 2)?.contiguous()?.transpose(1, 2);
    let turned = Coefficients { re: turned(&plain.re)?, im: turned(&plain.im)? };
    let decoder = Decoder::adjoint(&isac)?;
    assert!(difference(&decoder.forward(&turned)?, &decoder.forward(&plain)?)? < 1e-12);
    let config = AveragingConfig { bands: 10, frames: 8, hop: 4, power: 2.0 };
    let averaging = Averaging::new(&config)?;
    assert!(difference(&averaging.forward(&turned)?, &averaging.forward(&plain)?)? < 1e-14);
    Ok(())
}

#[test]
fn untightness_is_the_librarys_and_so_is_its_gradient() -> Result<()> {
    let isac = Isac::new(&spec())?;
    let (theirs, gradient) = tightness(&Encoder::design(&spec()).expect("valid"));
    let ours = untightness(&isac)?;
    assert!((scalar(&ours) - theirs).abs() < 1e-12, "{} {theirs}", scalar(&ours));
    let gradients = ours.backward()?;
    let [(_, re), (_, im)] = isac.parameters();
    let [re, im] = [re, im].map(|part| gradients.get(part).expect("a gradient").squeeze(1));
    let (re, im) = (re?.to_vec2::<f64>()?, im?.to_vec2::<f64>()?);
    let kernels = Encoder::design(&spec()).expect("valid");
    for (band, kernel) in kernels.kernels().iter().enumerate() {
        for (n, slope) in gradient[band].iter().enumerate() {
            let at = kernel.offset + n;
            let ours = Complex::new(re[band][at], im[band][at]);
            assert!((ours - slope).norm() < 1e-12, "{band} {n}: {ours} {slope}");
        }
    }
    Ok(())
}

#[test]
fn a_trained_encoder_is_the_layer() -> Result<()> {
    let isac = Isac::new(&spec())?;
    let doubled = (isac.parameters()[0].1.as_tensor() * 2.0)?;
    isac.parameters()[0].1.set(&doubled)?;
    let ours: Vec<f64> = isac.forward(&sound()?)?.re.flatten_all()?.to_vec1()?;
    let theirs = isac.encoder()?.circular(&values(160));
    for (ours, theirs) in ours.iter().zip(theirs.values()) {
        assert!((ours - theirs.re).abs() < 1e-12);
    }
    // Its configuration builds it as it was.
    let again: Vec<f64> =
        Isac::new(isac.config())?.forward(&sound()?)?.re.flatten_all()?.to_vec1()?;
    assert!((2.0 * again[55] - ours[55]).abs() < 1e-12);
    let short = Tensor::from_vec(values(30), (1, 30), &Device::Cpu)?;
    let error = isac.forward(&short).expect_err("too short").to_string();
    assert!(error.contains("30 samples") && error.contains("multiple of the stride, 4"), "{error}");
    Ok(())
}
