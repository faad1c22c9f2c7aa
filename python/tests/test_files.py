"""Banks in files: what NumPy reads of them, what the equaliser plays, and what is refused."""

import os
import stat

import erbium
import numpy as np
import pytest
from conftest import db


def test_a_file_holds_the_bank(bank, tmp_path):
    path = tmp_path / "own.npz"
    bank.save(path)
    with np.load(path) as arrays:
        assert np.array_equal(arrays["kernels"], bank.kernels)
        assert np.array_equal(arrays["duals"], bank.duals)
        assert np.array_equal(arrays["strides"], bank.strides)
        assert np.array_equal(arrays["phases"], bank.phases)
        assert np.array_equal(arrays["centres_hz"], bank.centres_hz)
        assert np.array_equal(arrays["bandwidths_hz"], bank.bandwidths_hz)
        assert int(arrays["latency_samples"]) == bank.latency_samples
        assert "sample_rate_hz" not in arrays
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_loaded_is_as_exact(banks, noise, tmp_path):
    for family in ["isac", "published"]:
        bank = banks[family]
        bank.save(tmp_path / "own.npz", only_this_rate=True)
        loaded = erbium.Bank.load(tmp_path / "own.npz")
        assert (loaded.kind, loaded.sample_rate) == ("given", bank.sample_rate)
        assert np.array_equal(loaded.strides, bank.strides)
        assert loaded.latency_samples == bank.latency_samples
        # Where spectra peak is not quite where they were designed to.
        assert np.allclose(loaded.centres_hz, bank.centres_hz, atol=0.02 * bank.sample_rate)
        x = noise(4000)
        assert db(loaded.synthesize(loaded.analyze(x), length=4000) - x, x) < -80
        assert loaded.equalize(x, 0.0).tobytes() == x.tobytes()


def test_kernels_without_a_rate_play_at_any(bank, tmp_path):
    bank.save(tmp_path / "any.npz")
    assert erbium.Bank.load(tmp_path / "any.npz").sample_rate == 48000
    slow = erbium.Bank.load(tmp_path / "any.npz", sample_rate=24000, scale="mel")
    assert (slow.sample_rate, slow.scale) == (24000, "mel")
    bank.save(tmp_path / "one.npz", only_this_rate=True)
    with pytest.raises(ValueError, match="made for 48000 Hz, not 44100 Hz"):
        erbium.Bank.load(tmp_path / "one.npz", sample_rate=44100)


def test_trained_kernels_are_loaded_as_numpy_saves_them(tmp_path):
    n = np.arange(64)
    kernels = np.hanning(64) * np.exp(2j * np.pi * np.arange(33)[:, None] * n / 64)
    np.savez(tmp_path / "own.npz", kernels=kernels[:, None], strides=np.full(33, 4))
    np.savez_compressed(tmp_path / "small.npz", kernels=kernels.astype(np.complex64), stride=4)
    own = erbium.Bank.load(str(tmp_path / "own.npz"))
    assert own.bands == 33 and own.latency_samples == 62
    assert np.array_equal(own.kernels, erbium.Bank.load(tmp_path / "small.npz").kernels)


def test_files_that_cannot_be_read_are_named(bank, tmp_path):
    missing = tmp_path / "missing.npz"
    with pytest.raises(FileNotFoundError, match="cannot read .*missing.npz"):
        erbium.Bank.load(missing)
    with pytest.raises(ValueError, match="no regular file"):
        erbium.Bank.load(tmp_path)
    text = tmp_path / "text.npz"
    text.write_text("no archive")
    with pytest.raises(ValueError, match="this is no archive"):
        erbium.Bank.load(text)
    other = tmp_path / "other.npz"
    np.savez(other, weights=np.zeros((3, 4)))
    with pytest.raises(ValueError, match="holds no kernels; possible: an array of bands x taps"):
        erbium.Bank.load(other)
    np.savez(other, kernels=np.ones((65, 4)))
    with pytest.raises(ValueError, match="has 65 kernels; possible: up to 64"):
        erbium.Bank.load(other)
    np.savez(other, kernels=np.full((8, 4), np.nan))
    with pytest.raises(ValueError, match="possible: finite numbers"):
        erbium.Bank.load(other)


def test_files_that_cannot_be_written_are_named_and_leave_nothing(bank, tmp_path):
    with pytest.raises(FileNotFoundError, match="cannot write"):
        bank.save(tmp_path / "none" / "own.npz")
    with pytest.raises(ValueError, match="possible: a name ending in .npz"):
        bank.save(tmp_path / "own.npy")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(OSError, match="cannot write"):
        bank.save(tmp_path / "folder.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.npz"]


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
def test_what_is_replaced_keeps_its_mode_and_a_link_leads_on(bank, tmp_path):
    mask = os.umask(0o022)
    try:
        new = tmp_path / "new.npz"
        bank.save(new)
        assert stat.S_IMODE(new.stat().st_mode) == 0o644
        new.chmod(0o640)
        link = tmp_path / "link.npz"
        link.symlink_to(new)
        new.write_bytes(b"before")
        bank.save(link)
        assert link.is_symlink() and stat.S_IMODE(new.stat().st_mode) == 0o640
        assert erbium.Bank.load(new).bands == bank.bands
    finally:
        os.umask(mask)
