//! What is read from a file: one curve for all channels, or one for each of two.

use crate::curve::Curve;
use crate::report::{Error, ErrorKind, Note};
use std::fmt;
use std::str::FromStr;

/// What a channel gets.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelCurve {
    /// The curve.
    pub curve: Curve,
    /// The gain in dB before it, the same at all frequencies; `None` where the file names none.
    pub preamp_db: Option<f64>,
}

/// Which channels get what.
#[derive(Clone, Debug, PartialEq)]
pub enum Channels {
    /// All get the same.
    Common(ChannelCurve),
    /// Left and right differ.
    LeftRight {
        /// What the left channel gets.
        left: ChannelCurve,
        /// What the right channel gets.
        right: ChannelCurve,
    },
}

/// How much a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Points of tables and of `GraphicEQ:` lines.
    pub points: usize,
    /// Filters that are on and change a gain.
    pub filters: usize,
}

impl fmt::Display for Contents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        match (self.points, self.filters) {
            (points, 0) => formatter.write_str(&count(points, "point")),
            (0, filters) => formatter.write_str(&count(filters, "filter")),
            (points, filters) => {
                write!(formatter, "{} and {}", count(points, "point"), count(filters, "filter"))
            }
        }
    }
}

/// What a file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The curves.
    pub channels: Channels,
    /// How much of what they were made of.
    pub contents: Contents,
    /// What was passed over or decided while they were read.
    pub notes: Vec<Note>,
}

/// One curve of two, for what plays the same in every channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelChoice {
    /// That of the left channel.
    Left,
    /// That of the right channel.
    Right,
    /// The mean in dB of both.
    Mean,
}

impl ChannelChoice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Left, Self::Right, Self::Mean];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Mean => "mean",
        }
    }
}

impl fmt::Display for ChannelChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ChannelChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = |choice: &Self| text.eq_ignore_ascii_case(choice.name());
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or_else(|| format!("\"{text}\" is no channel; possible: left, right, mean"))
    }
}

impl ChannelCurve {
    fn mean(&self, other: &Self) -> Self {
        let preamp_db = match (self.preamp_db, other.preamp_db) {
            (None, None) => None,
            (a, b) => Some(f64::midpoint(a.unwrap_or(0.0), b.unwrap_or(0.0))),
        };
        Self { curve: self.curve.mean(&other.curve), preamp_db }
    }
}

impl Channels {
    /// Common where both are the same.
    pub(crate) fn of([left, right]: [ChannelCurve; 2]) -> Self {
        if left == right { Self::Common(left) } else { Self::LeftRight { left, right } }
    }

    /// Those of the left and of the right channel.
    #[must_use]
    pub fn both(&self) -> [ChannelCurve; 2] {
        match self {
            Self::Common(common) => [common.clone(), common.clone()],
            Self::LeftRight { left, right } => [left.clone(), right.clone()],
        }
    }

    /// The one curve for all channels.
    ///
    /// # Errors
    /// Where left and right differ and nothing is chosen.
    pub fn one(&self, choice: Option<ChannelChoice>) -> Result<ChannelCurve, Error> {
        match (self, choice) {
            (Self::Common(common), _) => Ok(common.clone()),
            (Self::LeftRight { left, .. }, Some(ChannelChoice::Left)) => Ok(left.clone()),
            (Self::LeftRight { right, .. }, Some(ChannelChoice::Right)) => Ok(right.clone()),
            (Self::LeftRight { left, right }, Some(ChannelChoice::Mean)) => Ok(left.mean(right)),
            (Self::LeftRight { .. }, None) => Err(Error::new(
                ErrorKind::AsksChannel,
                "the left and the right channel have curves of their own, and one is played in both; \
                 possible: that of the left or of the right channel, or the mean in dB",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Point;

    #[test]
    fn contents_are_counted_in_words() {
        for (points, filters, words) in [
            (1, 0, "1 point"),
            (2, 0, "2 points"),
            (0, 1, "1 filter"),
            (3, 4, "3 points and 4 filters"),
        ] {
            assert_eq!(Contents { points, filters }.to_string(), words);
        }
    }

    #[test]
    fn one_curve_of_two_is_chosen() {
        let channel = |db: f64, preamp_db| {
            let curve = Curve::new(vec![Point { hz: 100.0, db }]).expect("a curve");
            ChannelCurve { curve, preamp_db }
        };
        let [left, right] = [channel(4.0, Some(-2.0)), channel(-1.0, None)];
        let channels = Channels::of([left.clone(), right.clone()]);
        let one =
            |choice: &str| channels.one(Some(choice.parse().expect("a choice"))).expect("one");
        assert_eq!([one("left"), one("RIGHT")], [left.clone(), right]);
        assert_eq!(one("mean"), channel(1.5, Some(-1.0)));
        let error = channels.one(None).expect_err("a question");
        assert_eq!(error.kind, ErrorKind::AsksChannel);
        assert!("middle".parse::<ChannelChoice>().expect_err("none").contains("left, right, mean"));
        assert_eq!(Channels::of([left.clone(), left.clone()]).one(None), Ok(left));
    }
}
