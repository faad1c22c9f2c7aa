//! What earlier versions stored, brought up to this one.

use nice_plug::prelude::PluginState;
use std::fmt;

/// A version of Erbium: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// Before every release: what states that name no version are taken for.
    pub const OLDEST: Self = Self(0, 0, 0);

    /// This version.
    #[must_use]
    pub fn current() -> Self {
        Self::read(env!("CARGO_PKG_VERSION")).unwrap_or(Self::OLDEST)
    }

    /// Reads `1.2.3`; what follows a hyphen is left out. `None` for what is no version.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let numbers = text.trim().split('-').next()?;
        let mut parts = numbers.split('.').map(|part| part.parse().ok());
        let version = Self(parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// What a state of a version before this one needs, to mean in this one what it meant then.
pub type Migration = (Version, fn(&mut PluginState));

/// In the order of their versions, oldest first. Empty as long as every version stores what 0.1.0 did.
pub const MIGRATIONS: &[Migration] = &[];

/// Brings a state up to this version. Returns the version that stored it.
pub fn migrate(state: &mut PluginState, migrations: &[Migration]) -> Version {
    let stored = Version::read(&state.version).unwrap_or(Version::OLDEST);
    for (version, change) in migrations {
        if stored < *version {
            change(state);
        }
    }
    stored
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn versions_are_read_and_ordered() {
        assert_eq!(Version::read("0.1.0"), Some(Version(0, 1, 0)));
        assert_eq!(Version::read(" 10.2.33-beta.1"), Some(Version(10, 2, 33)));
        for text in ["", "1", "1.2", "1.2.3.4", "one.two.three", "-1.0.0", "9999999999.0.0"] {
            assert_eq!(Version::read(text), None, "{text}");
        }
        assert!(Version(0, 9, 9) < Version(0, 10, 0) && Version(0, 10, 0) < Version(1, 0, 0));
        assert!(Version::current() > Version::OLDEST, "this version reads");
    }

    #[test]
    fn a_state_passes_what_came_after_it_in_order() {
        const CHAIN: &[Migration] = &[
            (Version(0, 2, 0), |state| state.version += " two"),
            (Version(0, 3, 0), |state| state.version += " three"),
            (Version(1, 0, 0), |state| state.version += " ten"),
        ];
        let migrated = |version: &str| {
            let version = version.to_owned();
            let (params, fields) = (BTreeMap::new(), BTreeMap::new());
            let mut state = PluginState { version, params, fields };
            migrate(&mut state, CHAIN);
            state.version
        };
        assert_eq!(migrated("0.1.0"), "0.1.0 two three ten");
        assert_eq!(migrated("0.2.0"), "0.2.0 three ten");
        assert_eq!(migrated("1.0.0"), "1.0.0");
        assert_eq!(migrated("7.0.0"), "7.0.0", "a later version's is left alone");
        assert_eq!(migrated(""), " two three ten");
        assert!(MIGRATIONS.is_sorted_by_key(|(version, _)| *version));
    }
}
