#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| erbium_fuzz::arrays(data));
