//! The Audio Unit (version 2) for macOS: the CLAP plugin in clap-wrapper's shell, in the bundle that Logic
//! and GarageBand look for. Never run so far: nothing here has met a Mac.

use crate::files::remove;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// What the four characters of a type code say: an effect.
const TYPE: &str = "aufx";
/// Projects find the plugin by these two, so they are for ever.
const SUBTYPE: &str = "erbm";
const MANUFACTURER: &str = "Erbi";
/// The function of clap-wrapper that makes the first plugin of the library.
const FACTORY: &str = "wrapAsAUV2_inst0Factory";

/// Writes Erbium.component beside the other bundles, from the library that they hold.
pub fn write(bundled: &Path, library: &Path, version: &str) -> Result<PathBuf> {
    let component = bundled.join("Erbium.component");
    let contents = component.join("Contents");
    let what = || format!("cannot make {}", component.display());
    remove(&component).with_context(what)?;
    fs::create_dir_all(contents.join("MacOS")).with_context(what)?;
    fs::copy(library, contents.join("MacOS").join("Erbium")).with_context(what)?;
    fs::write(contents.join("PkgInfo"), "BNDL????").with_context(what)?;
    fs::write(contents.join("Info.plist"), information(version)?).with_context(what)?;
    Ok(component)
}

/// A version as the one number that Audio Units have: 0xMMMMmmpp.
fn version_number(version: &str) -> Result<u32> {
    let mut parts = version.split('.').map(str::parse::<u8>);
    let mut part = || parts.next().context("too short")?.context("not a number");
    let (major, minor, patch) = (|| anyhow::Ok((part()?, part()?, part()?)))()
        .with_context(|| format!("version {version}"))?;
    Ok(u32::from_be_bytes([0, major, minor, patch]))
}

fn information(version: &str) -> Result<String> {
    let number = version_number(version)?;
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>CFBundleExecutable</key>
    <string>Erbium</string>
    <key>CFBundleIdentifier</key>
    <string>org.erbium.erbium.component</string>
    <key>CFBundleName</key>
    <string>Erbium</string>
    <key>CFBundlePackageType</key>
    <string>BNDL</string>
    <key>CFBundleSignature</key>
    <string>????</string>
    <key>CFBundleShortVersionString</key>
    <string>{version}</string>
    <key>CFBundleVersion</key>
    <string>{version}</string>
    <key>NSHighResolutionCapable</key>
    <true/>
    <key>AudioComponents</key>
    <array>
        <dict>
            <key>name</key>
            <string>Erbium: Erbium</string>
            <key>description</key>
            <string>Live auditory-filterbank equaliser and monitor</string>
            <key>type</key>
            <string>{TYPE}</string>
            <key>subtype</key>
            <string>{SUBTYPE}</string>
            <key>manufacturer</key>
            <string>{MANUFACTURER}</string>
            <key>factoryFunction</key>
            <string>{FACTORY}</string>
            <key>version</key>
            <integer>{number}</integer>
            <key>sandboxSafe</key>
            <true/>
            <key>tags</key>
            <array>
                <string>Effects</string>
                <string>Equalizer</string>
            </array>
        </dict>
    </array>
</dict>
</plist>
"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_has_what_macos_looks_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("liberbium.dylib");
        fs::write(&library, "library").expect("written");
        for _ in 0..2 {
            let component = write(folder.path(), &library, "1.2.3").expect("written");
            let file = |name: &str| fs::read_to_string(component.join("Contents").join(name));
            assert_eq!(file("MacOS/Erbium").expect("there"), "library");
            assert_eq!(file("PkgInfo").expect("there"), "BNDL????");
            let information = file("Info.plist").expect("there");
            assert!(information.contains("<integer>66051</integer>"), "{information}");
        }
        for code in [TYPE, SUBTYPE, MANUFACTURER] {
            assert!(code.len() == 4 && code.is_ascii(), "{code}");
        }
        // A manufacturer all in small letters is Apple's.
        assert!(MANUFACTURER.chars().any(char::is_uppercase));
        assert!(write(folder.path(), &library, "1.2").is_err());
    }
}
