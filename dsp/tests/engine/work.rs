//! What an engine has to do, and what qualities are for.

use super::BANKS;
use erbium_dsp::stream::Engine;
use erbium_dsp::{Bank, BankSpec, Quality};

#[test]
fn work_is_spread_evenly_over_blocks_and_less_than_the_plain_form() {
    for bank in BANKS.iter() {
        let work = Engine::new(bank.clone(), 1).multiply_adds();
        let mean = work.iter().sum::<f64>() / f64::from(u32::try_from(work.len()).expect("fits"));
        let block = |start: usize| (start..start + 32).map(|n| work[n % work.len()]).sum::<f64>();
        let worst = (0..work.len()).map(block).fold(0.0, f64::max) / 32.0;
        println!("{mean:.0} a sample, {:.2} times that in the worst block", worst / mean);
        assert!(worst <= 1.5 * mean, "{worst} against {mean}");
        assert!(mean < bank.report().macs_per_sample, "{mean}");
    }
}

#[test]
fn every_quality_keeps_its_word() {
    let alias = |quality| {
        let bank = Bank::design(&BankSpec { quality, ..BankSpec::default() }).expect("designs");
        (bank.report().worst_alias_db(), bank.report().macs_per_sample)
    };
    let (eco_db, eco_macs) = alias(Quality::Eco);
    let (standard_db, standard_macs) = alias(Quality::Standard);
    let (high_db, high_macs) = alias(Quality::High);
    assert!(eco_db <= -80.0 && standard_db <= -100.0 && high_db <= standard_db - 10.0);
    assert!(eco_macs < standard_macs && standard_macs < high_macs);
}

#[test]
fn the_default_banks_are_near_tight_frames_and_do_not_cancel() {
    let isac = &BANKS[0];
    let condition_number = isac.frame_bounds().expect("short strides").condition_number();
    assert!(condition_number < 1.2, "{condition_number}");
    for bank in BANKS.iter() {
        assert!(bank.report().peak_magnitude_sum < 1.2, "{}", bank.report().peak_magnitude_sum);
    }
}
