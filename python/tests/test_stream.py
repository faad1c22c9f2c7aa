"""Sound block by block."""

import erbium
import numpy as np
import pytest
from conftest import db
from hypothesis import given, settings
from hypothesis import strategies as st


def played(stream, x, cuts):
    """What a stream makes of a sound that is cut there."""
    return np.concatenate([stream.process(part) for part in np.split(x, cuts, -1)], -1)


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 3000), max_size=8), double=st.booleans())
def test_blocks_may_be_cut_anywhere(bank, tilt, cuts, double):
    x = np.random.default_rng(3).standard_normal((2, 3000))
    x = x if double else x.astype(np.float32)
    whole = erbium.Stream(bank, 2, gains_db=tilt(bank)).process(x)
    assert whole.dtype == x.dtype and whole.shape == x.shape
    parts = played(erbium.Stream(bank, 2, gains_db=tilt(bank)), x, sorted(cuts))
    assert parts.tobytes() == whole.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_flat_is_the_delayed_input_bit_for_bit(banks, noise, dtype):
    for bank in banks.values():
        stream = erbium.Stream(bank)
        latency = stream.latency_samples
        assert latency == bank.latency_samples
        x = noise(4000).astype(dtype)
        y = played(stream, x, [1, 64, 1000])
        assert y[latency:].tobytes() == x[: 4000 - latency].tobytes()
        assert not y[:latency].any()


def test_gains_at_rest_are_those_of_whole_sounds(bank, noise, tilt):
    x = noise(60000)
    stream = erbium.Stream(bank, gains_db=tilt(bank))
    y = stream.process(x)
    expected = bank.equalize(x, tilt(bank), compensate=False)
    # Streamed first, with the bank's alias; then one filter, with the rounding of single precision.
    assert db(y - expected, x) < -70
    assert db(y[40000:] - expected[40000:], x[40000:]) < -110


def test_gains_move_and_arrive(bank, noise):
    x = noise(30000)
    stream = erbium.Stream(bank)
    stream.process(x[:10000])
    stream.set_gains_db(-12.0)
    assert np.array_equal(stream.gains_db, np.full(24, -12.0))
    y = stream.process(x[10000:])
    late = y[10000:]
    delayed = x[20000 - stream.latency_samples : 30000 - stream.latency_samples]
    assert db(late - delayed * 10 ** (-12 / 20), delayed) < -60
    # No jump: the first samples are still the delayed input.
    assert y[0] == x[10000 - stream.latency_samples]


def test_reset_begins_anew(bank, noise, tilt):
    x = noise(2, 5000)
    stream = erbium.Stream(bank, 2, gains_db=tilt(bank))
    first = stream.process(x)
    stream.reset()
    assert stream.process(x).tobytes() == first.tobytes()


def test_silence_is_silent_after_the_tail(bank, noise, tilt):
    stream = erbium.Stream(bank, gains_db=tilt(bank))
    stream.process(noise(3000))
    stream.process(np.zeros(stream.tail_samples))
    assert not stream.process(np.zeros(1000)).any()


def test_levels_are_those_of_sinusoids(bank):
    centre = bank.centres_hz[12] / bank.sample_rate
    stream = erbium.Stream(bank, 2, metering=True)
    sine = np.sin(2 * np.pi * centre * np.arange(9600)).astype(np.float32)
    stream.process(np.stack([0.5 * sine, 0.1 * sine]))
    stream.levels_db()
    stream.process(np.stack([0.5 * sine, 0.1 * sine]))
    levels = stream.levels_db()
    assert np.argmax(levels) == 12 and levels[12] == pytest.approx(-6.02, abs=0.2)
    with pytest.raises(ValueError, match="metering=True"):
        erbium.Stream(bank).levels_db()


def test_shapes_that_do_not_fit_are_named(bank):
    stream = erbium.Stream(bank, 2)
    for shape in [(100,), (3, 100), (2, 2, 100)]:
        with pytest.raises(ValueError, match=r"possible: \(2, time\)$"):
            stream.process(np.zeros(shape))
    one = erbium.Stream(bank)
    assert one.process(np.zeros((1, 10))).shape == (1, 10)
    assert one.process(np.zeros(10)).shape == (10,)
    with pytest.raises(ValueError, match=r"possible: \(1, time\), or \(time,\)"):
        one.process(np.zeros((2, 10)))
    for channels in [0, 65]:
        with pytest.raises(ValueError, match=f"channels {channels} is not possible; possible: 1 to 64"):
            erbium.Stream(bank, channels)


def test_minimum_phase_has_no_latency(noise):
    bank = erbium.Bank(bands=24, latency_ms=8, phase="minimum")
    stream = erbium.Stream(bank)
    assert stream.latency_samples == 0
    x = noise(1000)
    assert stream.process(x).tobytes() == x.tobytes()
