//! The dry path: the input delayed, bit for bit.

/// A delay of whole samples for several channels.
pub struct DelayLine {
    /// Per channel a ring of as many samples as the delay.
    rings: Vec<Vec<f32>>,
    position: usize,
}

impl DelayLine {
    /// A silent line of `channels` channels and a delay of `samples`.
    #[must_use]
    pub fn new(channels: usize, samples: usize) -> Self {
        Self { rings: vec![vec![0.0; samples]; channels], position: 0 }
    }

    /// The delay in samples.
    #[must_use]
    pub fn delay_samples(&self) -> usize {
        self.rings.first().map_or(0, Vec::len)
    }

    /// Delays a block in place. Channels past the line's own are left alone; missing ones count as silence; the
    /// shortest of all decides the length.
    pub fn process(&mut self, channels: &mut [&mut [f32]]) {
        let length = channels.iter().map(|channel| channel.len()).min().unwrap_or(0);
        self.process_part(channels, 0, length);
    }

    /// [`Self::process`] for `many` samples from `start` on.
    pub(crate) fn process_part(&mut self, channels: &mut [&mut [f32]], start: usize, many: usize) {
        let delay = self.delay_samples();
        if delay == 0 {
            return;
        }
        let given = channels.len().min(self.rings.len());
        let (given, missing) = self.rings.split_at_mut(given);
        for ring in missing {
            let (late, early) = ring.split_at_mut(self.position);
            let now = many.min(early.len());
            early[..now].fill(0.0);
            let wrapped = late.len().min(many - now);
            late[..wrapped].fill(0.0);
        }
        for (ring, channel) in given.iter_mut().zip(channels) {
            let mut position = self.position;
            let mut samples = &mut channel[start..start + many];
            while !samples.is_empty() {
                let (now, later) = samples.split_at_mut(samples.len().min(delay - position));
                now.swap_with_slice(&mut ring[position..position + now.len()]);
                position = (position + now.len()) % delay;
                samples = later;
            }
        }
        self.position = (self.position + many) % delay;
    }

    /// Clears the line.
    pub fn reset(&mut self) {
        self.rings.iter_mut().for_each(|ring| ring.fill(0.0));
        self.position = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::DelayLine;

    #[test]
    fn delays_across_blocks() {
        let mut line = DelayLine::new(1, 3);
        let mut sound = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let (first, second) = sound.split_at_mut(2);
        line.process(&mut [first]);
        line.process(&mut [second]);
        assert_eq!(sound.map(f32::to_bits), [0.0, 0.0, 0.0, 1.0, 2.0, 3.0].map(f32::to_bits));
    }

    #[test]
    fn a_missing_channel_counts_as_silence() {
        for missing in 1..9 {
            let mut line = DelayLine::new(2, 4);
            let (mut left, mut right) = ([1.0; 6], [1.0; 6]);
            line.process(&mut [&mut left, &mut right]);
            line.process(&mut [&mut [2.0; 8][..missing]]);
            let (mut left, mut right) = ([3.0; 5], [3.0; 9]);
            line.process(&mut [&mut left, &mut right]);
            for n in 0_usize..4 {
                let before = if n + missing < 4 { [1.0, 1.0] } else { [2.0, 0.0] };
                assert_eq!([left[n], right[n]], before, "{n} of {missing}");
            }
            // Past the shortest nothing is touched.
            assert_eq!((left[4], right[4..].to_vec()), (3.0, vec![3.0; 5]));
        }
    }
}
