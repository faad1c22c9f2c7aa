"""What many tests need: banks, which take a moment each, and sounds, which are the same in every run."""

import erbium
import numpy as np
import pytest
from hypothesis import settings

# The same examples in every run.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def bank():
    return erbium.Bank(bands=24, latency_ms=8)


@pytest.fixture(scope="session")
def banks(bank):
    """One of each family: strides that differ, recursive filters, one stride for all."""
    return {
        "isac": bank,
        "gammatone": erbium.Bank("gammatone", bands=30, latency_ms=8),
        "published": erbium.Bank(bands=24, sample_rate=16000, stride=4, kernel_size=128),
    }


@pytest.fixture
def noise():
    """Makes noise of any shape."""
    generator = np.random.default_rng(1)
    return lambda *shape: 0.25 * generator.standard_normal(shape)


def db(error, reference):
    """The power of an error under that of a reference, in dB."""
    power = np.sum(np.abs(error) ** 2) / np.sum(np.abs(reference) ** 2)
    return 10 * np.log10(power) if power > 0 else -np.inf


@pytest.fixture(scope="session")
def tilt():
    """Gains that differ from band to band, in dB."""
    return lambda bank: 6 * np.sin(np.arange(bank.bands))
