"""Threads, copies and pickles."""

import copy
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import erbium
import numpy as np
import pytest


def test_eight_threads_at_once_on_one_bank(tilt):
    # Made here, so that what a bank works out on first use is asked for by all at once.
    bank = erbium.Bank(bands=24, latency_ms=8)
    sounds = [np.random.default_rng(k).standard_normal(20000) for k in range(8)]
    start = threading.Barrier(8)

    def work(x):
        start.wait()
        stream = erbium.Stream(bank, gains_db=tilt(bank))
        return (
            bank.equalize(x, tilt(bank)),
            bank.synthesize(bank.analyze(x), length=len(x)),
            stream.process(x),
            bank.condition_number,
        )

    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(work, sounds))
    other = erbium.Bank(bands=24, latency_ms=8)
    for x, (equalised, back, streamed, condition) in zip(sounds, at_once, strict=True):
        assert np.array_equal(equalised, other.equalize(x, tilt(bank)))
        assert np.array_equal(back, other.synthesize(other.analyze(x), length=len(x)))
        assert np.array_equal(streamed, erbium.Stream(other, gains_db=tilt(bank)).process(x))
        assert condition == other.condition_number


@pytest.mark.parametrize(
    "work",
    [
        lambda bank, x: bank.equalize(x, -6.0),
        lambda bank, x: bank.analyze(x),
        lambda bank, x: erbium.Stream(bank, gains_db=-6.0).process(x),
        lambda bank, x: erbium.ISAC(48000, stride=16)(x),
        lambda bank, x: erbium.Gammatone(48000, 16, cf_low=80, cf_high=5000)(x),
        lambda bank, x: erbium.feature.mfcc(x, sr=48000),
    ],
    ids=["equalize", "analyze", "process", "isac", "gammatone", "mfcc"],
)
def test_others_run_while_work_is_done(bank, work):
    """Python's lock is let go of: another thread counts on."""
    x = np.random.default_rng(5).standard_normal(2_000_000)
    switch_interval = __import__("sys").getswitchinterval()
    counted, done = [], threading.Event()

    def count():
        while not done.is_set():
            counted.append(time.perf_counter())
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    begin = time.perf_counter()
    work(bank, x)
    end = time.perf_counter()
    done.set()
    counter.join()
    # Held for the whole time, the lock would let nothing through but in the first and last few moments.
    middle = [t for t in counted if begin + 0.25 * (end - begin) < t < end - 0.25 * (end - begin)]
    assert end - begin > 4 * switch_interval, "too short to tell"
    assert len(middle) >= 2


def test_a_stream_is_used_by_one_thread_at_a_time(bank):
    stream = erbium.Stream(bank, gains_db=-6.0)
    x = np.random.default_rng(6).standard_normal(4_000_000)
    working = threading.Thread(target=stream.process, args=(x,))
    working.start()
    refused = 0
    while working.is_alive():
        try:
            stream.set_gains_db(0.0)
        except RuntimeError:
            refused += 1
        time.sleep(0.001)
    assert refused > 0


def equal(a, b):
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ["centres_hz", "strides", "phases", "kernels", "duals", "latency_samples", "report"]
    )


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_banks_pickle(banks, protocol):
    for bank in banks.values():
        again = pickle.loads(pickle.dumps(bank, protocol))
        assert equal(again, bank) and again.kind == bank.kind
    n, k = np.arange(64), np.arange(33)[:, None]
    kernels = np.hanning(64) * np.exp(2j * np.pi * k * n / 64)
    given = erbium.Bank.from_kernels(kernels, 4, 70, sample_rate=16000, scale="mel")
    again = pickle.loads(pickle.dumps(given, protocol))
    assert equal(again, given) and (again.kind, again.scale) == ("given", "mel")


def test_settings_survive_pickling():
    for bank in [
        erbium.Bank(bands=20, latency_ms=5, phase="minimum", quality="eco", prototype="hann2"),
        erbium.Bank(scale="mel", bands=24, sample_rate=16000, stride=4, supp_mult=0.9, fc_max=6000),
    ]:
        again = pickle.loads(pickle.dumps(bank))
        assert equal(again, bank)
        assert np.array_equal(again.collapse(-3.0), bank.collapse(-3.0))


def test_front_ends_pickle_and_copy(noise):
    x = noise(2000)
    for made in [
        erbium.ISAC(16000, num_channels=20, kernel_size=None, stride=8, scale="erb"),
        erbium.ISAC(16000, num_channels=20, stride=8, tighten_steps=3),
        erbium.ISAC.from_kernels(np.exp(2j * np.outer(np.arange(8), np.arange(16))), 4, 16000),
        erbium.ISACSpec(16000, num_channels=20, stride=8, power=1.0, avg_size=12, is_log=True),
        erbium.ISACCC(16000, num_channels=20, stride=8, num_cc=7),
        erbium.Gammatone(16000, 6, freq_low=80, freq_high=5000, align="both", common_delay=300),
        erbium.Gammatone(16000, centres_hz=[100.0, 900.0], normalize_gain=False),
    ]:
        for again in [pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)]:
            assert np.array_equal(again(x), made(x))


def test_fresh_streams_pickle_and_copy(bank, tilt, noise):
    x = noise(2, 3000)
    stream = erbium.Stream(bank, 2, gains_db=tilt(bank), metering=True)
    for again in [pickle.loads(pickle.dumps(stream)), copy.copy(stream), copy.deepcopy(stream)]:
        expected = erbium.Stream(bank, 2, gains_db=tilt(bank)).process(x)
        assert again.process(x).tobytes() == expected.tobytes()
        again.levels_db()
    stream.process(x)
    for take in [pickle.dumps, copy.copy, copy.deepcopy]:
        with pytest.raises(TypeError, match="amid a sound cannot be pickled or copied"):
            take(stream)
    stream.reset()
    assert pickle.loads(pickle.dumps(stream)).process(x).tobytes() == expected.tobytes()


def test_copies_of_a_bank_are_the_bank(bank):
    assert copy.copy(bank) is bank and copy.deepcopy(bank) is bank
