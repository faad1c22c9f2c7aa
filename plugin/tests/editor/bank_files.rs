//! Banks from files in the list of kinds.

use crate::stage::Stage;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use erbium::state::params::KindChoice;
use std::path::Path;

fn pick(stage: &mut Stage, name: &str) {
    stage.harness.get_by_role_and_label(Role::ComboBox, "Kind").click();
    stage.harness.run();
    stage.harness.get_by_label(name).click();
    stage.harness.run();
}

#[test]
fn a_file_in_the_users_folder_is_chosen_as_a_kind_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let trained = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/trained.npz");
    std::fs::copy(trained, folder.path().join("trained.npz")).expect("writable");
    std::fs::write(folder.path().join("broken.npz"), "no archive").expect("writable");
    let mut stage = Stage::with_banks_of(folder.path().to_owned(), 700.0, 450.0);
    stage.harness.run();
    pick(&mut stage, "broken");
    let notice = stage.telemetry.notice().expect("a notice");
    assert!(notice.contains("broken.npz; possible: a file that numpy.savez writes"), "{notice}");
    assert_eq!(stage.params.bank_file.file(), None);
    pick(&mut stage, "trained");
    let file = stage.params.bank_file.file().expect("loaded");
    assert_eq!((file.name.as_str(), file.kernels.bands()), ("trained", 24));
    assert_eq!(stage.params.bank_spec(48_000.0).bands, 24);
    assert!(stage.host.take().is_empty(), "no parameter is touched");
    // Its folder may be gone, as when a project comes from elsewhere.
    drop(folder);
    (0..200).for_each(|_| stage.harness.step());
    let kind = stage.harness.get_by_role_and_label(Role::ComboBox, "Kind");
    assert_eq!(kind.value().as_deref(), Some("trained"));
    pick(&mut stage, "Gammatone");
    assert_eq!(stage.params.bank_file.file(), None);
    assert_eq!(stage.params.kind.value(), KindChoice::Gammatone);
    assert_eq!(stage.host.take(), ["begin kind", "set kind", "end kind"]);
}
