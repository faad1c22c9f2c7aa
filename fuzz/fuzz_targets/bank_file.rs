#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| erbium_fuzz::bank_file(data));
