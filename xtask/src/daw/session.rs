//! What Ardour's scripts cannot do to a session is done to its file.

use super::ardour::{SESSION, TRACK};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// Higher than any that a new session has.
const FIRST_ID: u64 = 900_001;

/// Puts a stereo sound of so many samples at the beginning of the track, without fades.
pub fn add_sound(folder: &Path, wav: &Path, samples: u64, rate_hz: u32) -> Result<()> {
    let files = folder.join("interchange").join(SESSION).join("audiofiles");
    fs::copy(wav, files.join("sound.wav"))
        .with_context(|| format!("cannot copy {} into the session", wav.display()))?;
    edit(folder, |text| with_sound(text, samples, rate_hz))
}

/// Takes out the values of the plugin's parameters that Ardour keeps beside the plugin's own state.
pub fn leave_only_the_state(folder: &Path) -> Result<()> {
    edit(folder, without_values)
}

fn edit(folder: &Path, change: impl FnOnce(&str) -> Result<String>) -> Result<()> {
    let path = folder.join(format!("{SESSION}.ardour"));
    let what = || format!("cannot change {}", path.display());
    let text = fs::read_to_string(&path).with_context(what)?;
    fs::write(&path, change(&text).with_context(what)?).with_context(what)
}

fn with_sound(text: &str, samples: u64, rate_hz: u32) -> Result<String> {
    let ticks: u64 = after(text, "superclocks-per-second=\"")?.parse()?;
    ensure!(ticks.is_multiple_of(rate_hz.into()), "the rate does not divide Ardour's clock");
    let length = samples * (ticks / u64::from(rate_hz));
    let [left, right, whole, played] = [0, 1, 2, 3].map(|n| FIRST_ID + n);
    let source = |id: u64, channel: u32| {
        format!(
            r#"<Source name="sound.wav" type="audio" flags="" id="{id}" channel="{channel}" origin="" gain="1"/>"#
        )
    };
    let region = |id: u64, is_whole: u32| {
        format!(
            r#"<Region name="sound" type="audio" id="{id}" whole-file="{is_whole}" channels="2" source-0="{left}" source-1="{right}" master-source-0="{left}" master-source-1="{right}" start="a0" length="a{length}@a0" position="a0" opaque="1" muted="0" layering-index="0" stretch="1" shift="1" scale-amplitude="1" envelope-active="0" default-fade-in="0" default-fade-out="0" fade-in-active="0" fade-out-active="0" first-edit="nothing"/>"#
        )
    };
    let sources = format!("<Sources>{}{}</Sources>", source(left, 0), source(right, 1));
    let text = replace_once(text, "<Sources/>", &sources)?;
    let text =
        replace_once(&text, "<Regions/>", &format!("<Regions>{}</Regions>", region(whole, 1)))?;
    let playlist = |line: &&str| {
        line.trim_start().starts_with("<Playlist ") && line.contains(&format!(r#"name="{TRACK}""#))
    };
    let line = text.lines().find(playlist).context("the track has no playlist")?.to_owned();
    let open = line.strip_suffix("/>").context("the playlist is not empty")?;
    replace_once(&text, &line, &format!("{open}>{}</Playlist>", region(played, 0)))
}

fn without_values(text: &str) -> Result<String> {
    ensure!(text.contains("<chunk>"), "the plugin's own state is not in it");
    let is_value = |line: &str| {
        let line = line.trim_start();
        line.starts_with("<Port id=")
            || line.starts_with("<Controllable ") && line.contains(" parameter=\"")
    };
    let (values, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| is_value(line));
    ensure!(!values.is_empty(), "there are no values to take out");
    Ok(rest.join("\n") + "\n")
}

fn after<'a>(text: &'a str, start: &str) -> Result<&'a str> {
    let found = text.split_once(start).and_then(|(_, rest)| rest.split('"').next());
    found.with_context(|| format!("there is no {start}"))
}

fn replace_once(text: &str, from: &str, to: &str) -> Result<String> {
    let count = text.matches(from).count();
    ensure!(count == 1, "{from} is there {count} times, not once");
    Ok(text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = r#"<Session>
  <Sources/>
  <Regions/>
  <Playlists>
    <Playlist id="7" name="Track" type="audio"/>
  </Playlists>
  <Processor>
    <Port id="3" value="6"/>
    <chunk>c3RhdGU=</chunk>
    <Controllable name="Gain 1" id="9" value="6" parameter="1"/>
    <Controllable name="solo" id="10" value="0"/>
  </Processor>
  <TempoMap superclocks-per-second="282240000"/>
</Session>
"#;

    #[test]
    fn a_sound_is_put_into_a_new_session_once() {
        let text = with_sound(EMPTY, 48_000, 48_000).expect("it is empty");
        assert!(text.contains(r#"length="a282240000@a0""#), "a second");
        assert_eq!(text.matches("<Region ").count(), 2);
        assert!(text.contains(r#"type="audio"><Region name="sound""#), "it is on the track");
        assert!(with_sound(&text, 48_000, 48_000).is_err(), "there is one already");
        assert!(with_sound(EMPTY, 48_000, 44_099).is_err(), "no whole number of ticks");
    }

    #[test]
    fn only_the_values_of_parameters_are_taken_out() {
        let text = without_values(EMPTY).expect("there are some");
        assert_eq!(EMPTY.lines().count() - text.lines().count(), 2);
        assert!(text.contains("<chunk>") && text.contains("\"solo\""), "{text}");
        assert!(without_values(&text).is_err(), "none are left");
    }
}
