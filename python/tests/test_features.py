"""Front ends and matrices against their definitions, computed here by NumPy and SciPy."""

import erbium
import numpy as np
import pytest
from conftest import db
from scipy.fft import dct
from scipy.signal import lfilter

RATE = 16000


def test_isac_coefficients_are_circular_convolutions(noise):
    isac = erbium.ISAC(RATE, kernel_size=128, num_channels=40, stride=16)
    assert (isac.fs, isac.num_channels, isac.kernel_size, isac.stride) == (RATE, 40, 128, 16)
    x = noise(2000)
    lead = isac.kernel_size // 2
    spectrum = np.fft.fft(x)
    circular = np.fft.ifft(np.fft.fft(isac.kernels, 2000) * spectrum)
    expected = np.roll(circular, -lead, -1)[:, ::16]
    assert isac(x).shape == (40, 125)
    assert np.max(np.abs(isac(x) - expected)) < 1e-12
    padded = np.concatenate([x, np.zeros(lead)])
    linear = np.stack([np.convolve(padded, h) for h in isac.kernels])[:, lead : lead + 2000 : 16]
    assert np.max(np.abs(isac(x, circular=False) - linear)) < 1e-12


def test_isac_has_the_published_lengths_and_spacing():
    isac = erbium.ISAC(RATE, kernel_size=None, num_channels=40, stride=16)
    assert isac.kernel_size == 400  # 17.5 · 16000/700
    mel = 1000 * np.log(1 + isac.centres_hz / 700) / np.log(1 + 1000 / 700)
    assert np.ptp(np.diff(mel)) < 1e-6 * mel[-1]
    assert (isac.centres_hz[0], isac.centres_hz[-1]) == (0, RATE / 2)


def test_without_a_stride_it_is_half_the_shortest_kernel():
    # The published length of a kernel on the mel scale is 17.5 fs / (700 + f).
    shortest = round(17.5 * RATE / (700 + RATE / 2))
    assert erbium.ISAC(RATE).stride == shortest // 2 == 16


def test_the_adjoint_is_the_adjoint(noise):
    isac = erbium.ISAC(RATE, kernel_size=64, num_channels=12, stride=8)
    x = noise(2, 800)
    generator = np.random.default_rng(7)
    c = generator.standard_normal((2, 12, 100)) + 1j * generator.standard_normal((2, 12, 100))
    left = np.sum(isac(x) * np.conj(c))
    right = np.sum(x * np.conj(isac.adjoint(c)))
    assert abs(left - right) < 1e-9 * abs(left)
    assert isac.adjoint(c.astype(np.complex64)).dtype == np.complex64
    for shape in [(11, 100), (100,)]:
        with pytest.raises(ValueError, match=r"possible: \(..., 12, frames\)"):
            isac.adjoint(np.zeros(shape))


def test_tight_kernels_are_undone_by_their_adjoint(noise):
    plain = erbium.ISAC(RATE, num_channels=40, stride=8)
    tight = erbium.ISAC(RATE, num_channels=40, stride=8, tighten_steps=60)
    assert 1 < tight.condition_number < plain.condition_number
    lower, upper = tight.frame_bounds
    x = noise(1600)
    back = tight.adjoint(tight(x)).real * 2 / (lower + upper)
    assert db(back - x, x) < 20 * np.log10((upper - lower) / (upper + lower)) + 0.1
    energy = np.sum(np.abs(tight(x)) ** 2) / np.sum(x**2)
    assert lower <= energy <= upper
    assert tight.power_spectral_density(100).shape == (100,)


def test_spectrograms_are_averages_of_powers(noise):
    x = noise(3000)
    isac = erbium.ISAC(RATE, kernel_size=128, num_channels=20, stride=16)
    powers = np.abs(isac(x)) ** 2
    made = erbium.ISACSpec(RATE, kernel_size=128, num_channels=20, stride=16)
    assert (made.hop_samples, made.stride) == (64, 16)
    averages = np.stack([powers[:, k : k + 8].mean(-1) for k in range(0, powers.shape[1] - 7, 4)], -1)
    assert np.allclose(made(x), averages, rtol=1e-12)
    cepstra = erbium.ISACCC(RATE, kernel_size=128, num_channels=20, stride=16, num_cc=9)
    levels = 10 * np.log10(np.maximum(averages, 1e-10))
    levels = np.maximum(levels, levels.max() - 80)
    assert np.allclose(cepstra(x), dct(levels, axis=0, norm="ortho")[:9], atol=1e-9)
    db_of = erbium.ISACSpec(RATE, kernel_size=128, num_channels=20, stride=16, is_log=True)
    assert np.allclose(db_of(x), levels)
    longer = erbium.ISACSpec(RATE, kernel_size=128, num_channels=20, stride=16, avg_size=20, power=1.0)
    assert np.allclose(longer(x)[:, 0], np.abs(isac(x))[:, :20].mean(-1))
    assert longer.hop_samples == 10 * 16
    assert np.allclose(longer(x)[:, 1], np.abs(isac(x))[:, 10:30].mean(-1))
    with pytest.raises(ValueError, match="coefficient count 21"):
        erbium.ISACCC(RATE, num_channels=20, num_cc=21)
    with pytest.raises(ValueError, match="avg_size 0 is not possible"):
        erbium.ISACSpec(RATE, avg_size=0)
    with pytest.raises(ValueError, match="power 0 is not possible"):
        erbium.ISACSpec(RATE, power=0.0)


def test_gammatone_bands_are_the_all_pole_filters(noise):
    centres = np.array([100.0, 440.0, 1000.0, 3000.0])
    bank = erbium.Gammatone(RATE, centres_hz=centres)
    x = noise(2000)
    b = 1.019 * 24.7 * (4.37 * centres / 1000 + 1)
    assert np.allclose(bank.bandwidths_hz, b)
    k = np.exp(-2 * np.pi * b / RATE)
    expected = []
    for cf, k in zip(centres, k, strict=True):
        # Down to 0 Hz, low-passed, up again.
        turn = np.exp(2j * np.pi * cf / RATE * np.arange(2000))
        gain = 2 * (1 - k) ** 4 / (1 + 4 * k + k * k)
        low = lfilter([0, 1, 4 * k, k * k], np.poly([k] * 4), x / turn)
        expected.append(gain * (low * turn).real)
    expected = np.stack(expected)
    assert np.max(np.abs(bank(x) - expected)) < 1e-9 * np.max(np.abs(expected))
    impulse = np.zeros(1500)
    impulse[0] = 1
    assert np.allclose(bank.impulse_responses(1500), bank(impulse), atol=1e-12)
    hz = np.linspace(50, 7000, 40)
    turns = np.exp(-2j * np.pi * np.outer(hz, np.arange(6000)) / RATE)
    assert np.allclose(bank.responses(hz), bank.impulse_responses(6000) @ turns.T, atol=1e-6)
    assert np.allclose(bank.gains_at_centre[1:], 1, atol=0.02)
    phase = bank.phase_spectrum(2, hz)
    assert np.allclose(phase, np.unwrap(np.angle(bank.responses(hz)[2])), atol=1e-6)
    mean = np.stack([bank(x)[:, n : n + 400] ** 2 for n in range(0, 1601, 160)], 1).mean(-1)
    assert np.allclose(bank.spectrogram(x, 400, 160), mean)


def test_gammatone_bands_are_given_in_one_of_three_ways():
    between = erbium.Gammatone(RATE, 16, cf_low=80, cf_high=5000)
    rates = 21.4 * np.log10(1 + 4.37e-3 * between.centres_hz)
    assert np.ptp(np.diff(rates)) < 1e-9 and between.centres_hz[[0, -1]] == pytest.approx([80, 5000])
    edges = erbium.Gammatone(RATE, 16, freq_low=80, freq_high=5000)
    outer = edges.centres_hz[[0, -1]] + [-0.5, 0.5] * edges.bandwidths_hz[[0, -1]]
    assert outer == pytest.approx([80, 5000])
    for wrong in [
        {},
        {"num_bands": 16},
        {"num_bands": 16, "cf_low": 80},
        {"num_bands": 16, "cf_low": 80, "freq_high": 5000},
        {"centres_hz": [100.0], "num_bands": 16},
    ]:
        with pytest.raises(ValueError, match="bands need one of three ways; possible: num_bands, cf_low"):
            erbium.Gammatone(RATE, **wrong)
    with pytest.raises(ValueError, match="centre frequency 9000 is not possible"):
        erbium.Gammatone(RATE, centres_hz=[9000.0])
    with pytest.raises(ValueError, match='align "carrier" is not possible'):
        erbium.Gammatone(RATE, centres_hz=[900.0], align="carrier")
    with pytest.raises(ValueError, match="common_delay needs align"):
        erbium.Gammatone(RATE, centres_hz=[900.0], common_delay=3)
    with pytest.raises(ValueError, match="band 1 is not possible; possible: 0 to 0"):
        erbium.Gammatone(RATE, centres_hz=[900.0]).phase_spectrum(1, [1.0])


def test_aligned_bands_peak_together():
    options = {"num_bands": 16, "freq_low": 80, "freq_high": 5000}
    aligned = erbium.Gammatone(RATE, **options, align="both")
    peaks = np.argmax(aligned.impulse_responses(2000), -1)
    assert np.ptp(peaks) <= 1
    common = erbium.Gammatone(RATE, **options, align="envelope", common_delay=100)
    assert common.delays_samples.min() < 0 < common.delays_samples.max()
    assert not erbium.Gammatone(RATE, **options).delays_samples.any()
    both = np.abs(np.fft.rfft(aligned.impulse_responses(4096).sum(0)))
    hz = np.fft.rfftfreq(4096, 1 / RATE)
    ripple = np.ptp(20 * np.log10(both[(hz > 100) & (hz < 4700)]))
    assert ripple == pytest.approx(5.5, abs=0.2)


def test_filtbankm_preserves_power():
    x, cf, il, ih = erbium.filters.filtbankm(20, 512, RATE, 0, 8000, "m")
    assert x.shape == (20, 257) and (il, ih) == (0, 257)
    # Bins are triangles of two bins' width: those that lie between the outer centres as a whole.
    hz, step = np.arange(257) * RATE / 512, RATE / 512
    covered = (hz - step > cf[0]) & (hz + step < cf[-1])
    assert np.allclose(x.sum(0)[covered], 1)
    mel = np.log1p(cf / 700)
    assert np.ptp(np.diff(mel)) < 1e-9
    units = erbium.filters.filtbankm(20, 512, RATE, 0, 8000, "mH")[1]
    assert np.allclose(units, erbium.scales.units_from_hz(cf, "mel-fant"))
    x, cf, il, ih = erbium.filters.filtbankm(10, [100, 40, 10], 8000, 500, 2000, "ec")
    assert x.shape == (10, 100) and cf[[0, -1]] == pytest.approx([500, 2000])
    assert x[:, il:ih].any(0)[[0, -1]].all() and not x[:, :il].any() and not x[:, ih:].any()
    assert erbium.filters.filtbankm(None, 512, RATE)[0].shape[1] == 257
    with pytest.raises(ValueError, match="option 'q' in \"q\" is not possible; possible: f"):
        erbium.filters.filtbankm(20, 512, RATE, w="q")
    with pytest.raises(ValueError, match="list of bins"):
        erbium.filters.filtbankm(20, [1, 2, 3, 4], RATE)


def test_kapre_weights():
    mel = erbium.filters.kapre(40, RATE, 512)
    assert np.allclose(mel, erbium.filters.mel(sr=RATE, n_fft=512, n_mels=40, dtype="float64"))
    log = erbium.filters.kapre(84, 48000, 8192, init="log", bins_per_octave=12)
    assert np.allclose(log.sum(-1), 1)
    peaks = np.argmax(log, -1) * 48000 / 8192
    expected = 32.70319566 * 2 ** (np.arange(84) / 12)
    assert np.all(np.abs(peaks - expected)[24:] < 6)
    linear = erbium.filters.kapre(10, RATE, 512, init="linear")
    assert np.ptp(np.diff(np.argmax(linear, -1))) <= 1
    random = erbium.filters.kapre(10, RATE, 512, init="uni_random", seed=4)
    assert random.min() >= 0 and random.max() <= 2 / 257
    assert not np.array_equal(random, erbium.filters.kapre(10, RATE, 512, init="uni_random"))
    with pytest.raises(ValueError, match="low limit 0 is not possible"):
        erbium.filters.kapre(84, 48000, 2048, init="log", fmin=0.0)
    with pytest.raises(ValueError, match='init "bark" is not possible'):
        erbium.filters.kapre(84, 48000, 2048, init="bark")


def test_mfb_is_csounds_average():
    bins, low, high, bands, rate = 1025, 300.0, 8000.0, 24, 44100.0
    ours = erbium.filters.mfb(bins, low, high, bands, sr=rate)
    mel = lambda hz: 1125 * np.log(1 + hz / 700)
    points = mel(low) + np.arange(bands + 2) * (mel(high) - mel(low)) / (bands + 1)
    edges = np.floor(700 * (np.exp(points / 1125) - 1) / (rate / (2 * (bins - 1)))).astype(int)
    expected = np.zeros((bands, bins))
    for band, (start, middle, end) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        rise = np.arange(middle - start) / (middle - start)
        fall = 1 - np.arange(end - middle) / (end - middle)
        expected[band, start:end] = np.concatenate([rise, fall]) / (end - start)
    assert np.allclose(ours, expected)
    with pytest.raises(ValueError, match="less than the bins"):
        erbium.filters.mfb(20, low, high, 20, sr=rate)
