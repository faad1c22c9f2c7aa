//! On macOS a module's symbols of Python are found when it is loaded; elsewhere nothing is needed.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
