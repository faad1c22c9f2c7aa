//! When bands compute: coefficients of equal stride need not fall on the same sample.

/// Gives each band the time of its first coefficient, below its stride, so that the work of a
/// sample (four multiply-adds per tap of each band at work) is as even as it can be.
pub(super) fn phases(supports: &[usize], strides: &[usize]) -> Vec<usize> {
    let period = strides.iter().copied().max().unwrap_or(1);
    let mut load = vec![0; period];
    let mut phases = vec![0; strides.len()];
    for (k, (&support, &stride)) in supports.iter().zip(strides).enumerate().rev() {
        if !period.is_multiple_of(stride) {
            continue;
        }
        let peak = |phase: usize| load.iter().skip(phase).step_by(stride).copied().max();
        let phase = (0..stride).min_by_key(|&phase| peak(phase)).unwrap_or(0);
        phases[k] = phase;
        load.iter_mut().skip(phase).step_by(stride).for_each(|work| *work += support);
    }
    phases
}

#[cfg(test)]
mod tests {
    use super::phases;

    #[test]
    fn work_is_even() {
        let strides: Vec<usize> = (0..30).map(|k| [64, 64, 32, 16, 1][k % 5]).collect();
        let supports: Vec<usize> = strides.iter().map(|stride| 13 * stride).collect();
        let phases = phases(&supports, &strides);
        let work: Vec<usize> = (0..64)
            .map(|n| (0..30).filter(|&k| n % strides[k] == phases[k]).map(|k| supports[k]).sum())
            .collect();
        let mean = work.iter().sum::<usize>() / 64;
        let most = *work.iter().max().expect("64 samples");
        assert!(2 * most <= 5 * mean, "worst sample {most}, mean {mean}");
    }
}
