//! What the screen is told of levels.

use crate::support::*;
use erbium::state::params::Settings;

#[test]
fn columns_come_only_when_watched_and_whatever_the_blocks() {
    let input = noise(48_000, 13);
    let columns = |sizes: &[usize]| {
        let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(spec(24)) }, 2, LIVE);
        rig.play(&input[..1000], &[500]);
        assert!(rig.telemetry.pop_column().is_none());
        rig.telemetry.set_editor_visible(true);
        rig.play(&input, sizes);
        let columns: Vec<_> = std::iter::from_fn(|| rig.telemetry.pop_column()).collect();
        rig.telemetry.set_editor_visible(false);
        rig.play(&input[..1000], &[500]);
        assert!(rig.telemetry.pop_column().is_none());
        columns
    };
    let whole = columns(&[48_000]);
    assert_eq!(whole.len(), 100);
    assert!(whole.iter().all(|column| column.bands == 24));
    assert!(whole[10].input[..24].iter().all(|level| *level > 0.0));
    for other in [columns(&[1]), columns(&BLOCK_SIZES)] {
        assert_eq!(other.len(), 100);
        for (a, b) in whole.iter().zip(&other) {
            assert!(same_bits(&a.input, &b.input) && same_bits(&a.gains, &b.gains));
        }
    }
}
