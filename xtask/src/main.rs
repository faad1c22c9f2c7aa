//! Build, bundle, demo, test and bench tasks.
fn main() -> nice_plug_xtask::Result<()> {
    nice_plug_xtask::main()
}
