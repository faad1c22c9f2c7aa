"""Analysis, its inverse, and what gains do."""

import copy

import erbium
import numpy as np
import pytest
from conftest import db
from scipy.signal import fftconvolve

FAMILIES = ["isac", "gammatone", "published"]


@pytest.mark.parametrize("family", FAMILIES)
def test_synthesis_undoes_analysis_but_for_the_error_reported(banks, noise, family):
    bank = banks[family]
    limit = bank.report["flat_noise_db"] + 1
    assert limit < -70
    x = noise(2, 5001)
    y = bank.synthesize(bank.analyze(x), length=5001)
    assert y.shape == x.shape and y.dtype == np.float64
    assert db(y - x, x) < limit
    single = bank.analyze(x.astype(np.float32))
    assert all(c.dtype == np.complex64 for c in single)
    y = bank.synthesize(single, length=5001)
    assert y.dtype == np.float32
    # The rounding of single precision on top.
    assert db(y - x, x) < max(limit, -110)


@pytest.mark.parametrize("family", FAMILIES)
def test_coefficients_are_convolutions_at_strides(banks, noise, family):
    bank = banks[family]
    x = noise(3000)
    longer = np.concatenate([x, np.zeros(bank.report["latency_samples"])])
    coefficients = bank.analyze(x)
    assert len(coefficients) == bank.bands
    for c, h, d, p in zip(coefficients, bank.kernels, bank.strides, bank.phases, strict=True):
        expected = fftconvolve(longer, h)[p : len(longer) : d]
        assert c.shape == expected.shape
        assert np.max(np.abs(c - expected)) < 1e-12


def test_the_inverse_is_the_sum_of_duals(bank, noise):
    x = noise(2000)
    coefficients = bank.analyze(x)
    latency = bank.report["latency_samples"]
    y = np.zeros(len(x) + 2 * latency + bank.duals.shape[1] + int(bank.strides.max()))
    for c, f, d, p in zip(coefficients, bank.duals, bank.strides, bank.phases, strict=True):
        up = np.zeros(p + d * len(c), complex)
        up[p::d] = c
        part = fftconvolve(up, f).real
        y[: len(part)] += part
    own = bank.synthesize(coefficients, length=len(x))
    assert np.max(np.abs(own - y[latency : latency + len(x)])) < 1e-12


def test_scaled_coefficients_are_scaled_bands(bank, noise, tilt):
    x = noise(6000)
    gains = bank.band_gains(tilt(bank))
    scaled = [g * c for g, c in zip(gains, bank.analyze(x), strict=True)]
    equalised = bank.equalize(x, tilt(bank))
    # Alias of bands whose gains differ, which gains at rest do not have.
    assert db(bank.synthesize(scaled, length=6000) - equalised, x) < -70


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_flat_is_the_sound_bit_for_bit(banks, noise, family, dtype):
    bank = banks[family]
    x = noise(2, 3, 4000).astype(dtype)
    x[0, 0, :3] = [-0.0, 1e-40, 0.0]
    y = bank.equalize(x, 0.0)
    assert y.dtype == dtype and y.tobytes() == x.tobytes()
    y = bank.equalize(x, [0.0] * bank.bands, compensate=False)
    latency = bank.latency_samples
    assert latency > 0
    assert y[..., latency:].tobytes() == x[..., :-latency].tobytes()
    assert not y[..., :latency].any()


@pytest.mark.parametrize("phase", ["of_bank", "minimum"])
def test_equalising_is_a_convolution_with_the_collapsed_bank(noise, tilt, phase):
    bank = erbium.Bank(bands=24, latency_ms=8, phase=phase)
    x = noise(9000)
    taps = bank.collapse(tilt(bank))
    assert taps.dtype == np.float32
    expected = fftconvolve(x, taps.astype(float))
    delayed = bank.equalize(x, tilt(bank), compensate=False)
    assert db(delayed - expected[:9000], x) < -120
    aligned = bank.equalize(x, tilt(bank))
    latency = bank.latency_samples
    assert (latency == 0) == (phase == "minimum")
    assert db(aligned - expected[latency : latency + 9000], x) < -120


def test_gains_are_those_at_the_centres(bank):
    taps = bank.collapse([-6.0] * 12 + [3.0] * 12).astype(float)
    turns = np.outer(bank.centres_hz / bank.sample_rate, np.arange(len(taps)))
    gains = 20 * np.log10(np.abs(np.exp(-2j * np.pi * turns) @ taps))
    # Beside the step the bands' own width shows.
    assert np.max(np.abs(gains[:9] + 6)) < 0.1 and np.max(np.abs(gains[15:] - 3)) < 0.1


def test_a_band_that_is_off_is_silent(bank, noise):
    x = noise(20000)
    assert db(bank.equalize(x, -np.inf), x) < -115
    assert np.allclose(bank.band_gains(-np.inf), 0, atol=1e-6)


def test_without_a_length_it_follows_from_the_frames(banks, noise):
    for bank in banks.values():
        x = noise(3, 777)
        y = bank.synthesize(bank.analyze(x))
        assert 0 <= y.shape[-1] - 777 < bank.strides.min()
        assert db(y[:, :777] - x, x) < -70


def test_given_kernels_become_a_bank(noise):
    # A plain bank of windowed exponentials.
    n, k = np.arange(64), np.arange(33)[:, None]
    kernels = np.sin(np.pi * (n + 0.5) / 64) ** 4 * np.exp(2j * np.pi * k * n / 64)
    bank = erbium.Bank.from_kernels(kernels, 4, sample_rate=16000)
    assert (bank.kind, bank.bands, bank.sample_rate) == ("given", 33, 16000)
    assert bank.strides.tolist() == [4] * 33
    x = noise(4000)
    assert db(bank.synthesize(bank.analyze(x), length=4000) - x, x) < -100
    assert bank.equalize(x, 0.0).tobytes() == x.tobytes()
    uniform = np.stack(bank.analyze(x), -2)
    assert uniform.shape[0] == 33
    # At the levels at which they were given.
    lower, upper = bank.frame_bounds
    power = 4 * sum(np.sum(np.abs(np.convolve(x, h)[::4]) ** 2) for h in kernels) / np.sum(x**2)
    assert lower <= power <= upper
    louder = erbium.Bank.from_kernels(3 * kernels, 4, sample_rate=16000)
    assert louder.frame_bounds == pytest.approx((9 * lower, 9 * upper))
    real = erbium.Bank.from_kernels(np.cos(np.pi * k * (n - 32) / 32) * np.hanning(64), [1] * 33)
    assert real.bands == 33


def test_published_banks_have_frame_bounds(banks):
    bank = banks["published"]
    lower, upper = bank.frame_bounds
    assert bank.condition_number == pytest.approx(upper / lower)
    x = np.random.default_rng(2).standard_normal(20000)
    power = sum(4 * np.sum(np.abs(c) ** 2) for c in bank.analyze(x)) / np.sum(x**2)
    assert lower <= power <= upper


def test_the_cochleagram_is_the_level_of_coefficients(bank):
    rate, centre = bank.sample_rate, bank.centres_hz[14]
    x = np.zeros(9600)
    x[4800:] = 0.5 * np.sin(2 * np.pi * centre / rate * np.arange(4800))
    levels = bank.cochleagram(x, hop_samples=480)
    assert levels.shape == (24, 20)
    assert levels[14, 15] == pytest.approx(-6.02, abs=0.2)
    assert levels[14, 3] == -90 and np.argmax(levels[:, 15]) == 14
    both = bank.cochleagram(np.stack([x, 0 * x]), hop_samples=480)
    assert np.array_equal(both[0], levels) and np.all(both[1] == -90)
    assert bank.cochleagram(x).shape == (24, 20)


@pytest.mark.parametrize("family", ["isac", "gammatone"])
def test_the_cochleagram_has_the_timing_of_the_sound(banks, family):
    bank = banks[family]
    x = np.zeros(9600)
    x[4800:] = 0.5 * np.sin(2 * np.pi * bank.centres_hz[15] / bank.sample_rate * np.arange(4800))
    levels = bank.cochleagram(x, hop_samples=480)
    # From the tenth column on, but for half the latency to either side.
    assert np.all(levels[:, :9] == -90) and np.all(levels[15, 11:] > -7)


def test_the_report_says_what_the_bank_is(bank):
    report = bank.report
    assert report["latency_samples"] == bank.latency_samples == 384
    assert report["flat_noise_db"] < -90 and report["macs_per_sample"] > 10
    assert "24 bands" in repr(bank) and "384" in repr(bank)
    assert copy.copy(bank) is bank
