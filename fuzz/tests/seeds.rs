//! Everything that fuzzing has found, and what it begins with.

use std::path::Path;

#[test]
fn what_must_hold_for_any_input_holds_for_every_seed() {
    for (name, target) in erbium_fuzz::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let seeds = std::fs::read_dir(&folder).expect("every target has seeds");
        let mut count = 0;
        for seed in seeds {
            let path = seed.expect("readable").path();
            println!("{}", path.display());
            target(&std::fs::read(path).expect("readable"));
            count += 1;
        }
        assert!(count > 0, "{name} has no seeds");
    }
}
