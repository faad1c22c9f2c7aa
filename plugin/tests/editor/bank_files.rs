//! Banks from files in the list of bank types.

use crate::harness::EditorHarness;
use egui_kittest::kittest::Queryable;
use erbium::state::params::KindChoice;
use std::path::Path;

fn pick(harness: &mut EditorHarness, name: &str) {
    harness.pick("Bank", name);
}

#[test]
fn a_file_in_the_users_folder_is_chosen_as_a_bank_type_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let trained = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/trained.npz");
    std::fs::copy(trained, folder.path().join("trained.npz")).expect("writable");
    std::fs::write(folder.path().join("broken.npz"), "no archive").expect("writable");
    let mut harness = EditorHarness::with_banks_of(folder.path().to_owned(), 700.0, 450.0);
    harness.egui.run();
    pick(&mut harness, "broken");
    let notice = harness.telemetry.notice().expect("a notice");
    assert!(notice.contains("broken.npz: this is no archive; possible: "), "{notice}");
    assert_eq!(harness.params.bank_file.file(), None);
    pick(&mut harness, "trained");
    let file = harness.params.bank_file.file().expect("loaded");
    assert_eq!((file.name.as_str(), file.kernels.bands()), ("trained", 24));
    assert_eq!(harness.params.bank_spec(48_000.0).bands, 24);
    assert!(harness.host.take().is_empty(), "no parameter is touched");
    // Its folder may be gone, as when a project comes from elsewhere.
    drop(folder);
    (0..200).for_each(|_| harness.egui.step());
    let bank = harness.egui.get_by_label("Bank").value().expect("a bank");
    assert!(bank.starts_with("trained"), "{bank}");
    pick(&mut harness, "Gammatone");
    assert_eq!(harness.params.bank_file.file(), None);
    assert_eq!(harness.params.kind.value(), KindChoice::Gammatone);
    assert_eq!(harness.host.take(), ["begin kind", "set kind", "end kind"]);
}
