//! The audio thread never allocates: every call it makes runs under a guard that counts.

use assert_no_alloc::{AllocDisabler, assert_no_alloc, reset_violation_count, violation_count};
use erbium_dsp::stream::{DelayLine, Engine};
use erbium_dsp::{Bank, BankSpec};
use std::sync::Arc;

#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

#[test]
fn the_engine_never_allocates_and_the_guard_would_see_it() {
    let bank = Arc::new(Bank::design(&BankSpec::default()).expect("designs"));
    let mut engine = Engine::new(bank.clone(), 2);
    let mut line = DelayLine::new(2, 100);
    let (mut left, mut right) = (vec![0.1_f32; 10_000], vec![-0.1_f32; 10_000]);
    let (mut change_left, mut change_right) = (vec![0.0_f32; 10_000], vec![0.0_f32; 10_000]);
    let mut levels = vec![0.0; bank.bands()];
    reset_violation_count();
    assert_no_alloc(|| {
        for round in 0..20_u8 {
            engine.set_metering(round % 2 == 0);
            engine.set_targets(&[f32::from(round % 5) * 0.5; 40]);
            engine.process(&mut [&mut left, &mut right]);
            engine.set_gains(&[0.0; 40]);
            engine.process_change(&[&left, &right], &mut [&mut change_left, &mut change_right]);
            engine.take_levels(&mut levels);
            line.process(&mut [&mut left, &mut right]);
            if round == 10 {
                engine.reset();
            }
        }
    });
    assert_eq!(violation_count(), 0);
    assert_no_alloc(|| drop(std::hint::black_box(vec![0_u8; 100])));
    assert_ne!(violation_count(), 0, "the guard is blind");
}
