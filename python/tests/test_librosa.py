"""The same numbers as librosa's."""

import erbium
import librosa
import numpy as np
import pytest

OPTIONS = [
    {"sr": 22050, "n_fft": 2048},
    {"sr": 16000, "n_fft": 512, "n_mels": 40, "htk": True},
    {"sr": 16000, "n_fft": 512, "n_mels": 40, "norm": None, "fmin": 50.0},
    {"sr": 44100, "n_fft": 1023, "n_mels": 64, "norm": 1, "fmax": 8000.0},
    {"sr": 8000, "n_fft": 400, "n_mels": 23, "fmin": 64.0, "fmax": 3800.0, "htk": True, "norm": None},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_mel_matrices(options):
    ours = erbium.filters.mel(**options, dtype=np.float64)
    theirs = librosa.filters.mel(**options, dtype=np.float64)
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) < 1e-12
    single = erbium.filters.mel(**options)
    assert single.dtype == np.float32
    assert np.max(np.abs(single - librosa.filters.mel(**options))) < 1e-6


def test_empty_bands_are_warned_of():
    with pytest.warns(UserWarning, match="bands are empty, as no bin falls into them: 0, "):
        ours = erbium.filters.mel(sr=16000, n_fft=256, n_mels=128)
    with pytest.warns(UserWarning):
        theirs = librosa.filters.mel(sr=16000, n_fft=256, n_mels=128)
    assert np.max(np.abs(ours - theirs)) < 1e-6


SPECTRA = [
    {"sr": 22050},
    {"sr": 16000, "n_fft": 512, "hop_length": 160, "n_mels": 40},
    {"sr": 16000, "n_fft": 512, "hop_length": 160, "win_length": 400, "n_mels": 40, "power": 1.0},
    {"sr": 16000, "n_fft": 512, "hop_length": 128, "n_mels": 40, "center": False, "htk": True},
    {"sr": 16000, "n_fft": 512, "hop_length": 128, "n_mels": 40, "pad_mode": "reflect", "norm": None},
]


@pytest.mark.parametrize("options", SPECTRA, ids=str)
def test_mel_spectrograms(options, noise):
    y = noise(2, 9000)
    ours = erbium.feature.melspectrogram(y, **options)
    theirs = librosa.feature.melspectrogram(y=y, **options)
    assert ours.shape == theirs.shape
    # librosa's matrix is of single precision.
    assert np.max(np.abs(ours / theirs - 1)) < 1e-5


@pytest.mark.parametrize("lifter", [0, 22])
def test_cepstra(lifter, noise):
    options = {"sr": 16000, "n_fft": 512, "hop_length": 160, "n_mels": 40, "n_mfcc": 13}
    y = noise(9000)
    ours = erbium.feature.mfcc(y, lifter=lifter, **options)
    theirs = librosa.feature.mfcc(y=y, lifter=lifter, **options)
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) < 1e-3 * (1 + lifter)
    levels = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=16000, n_mels=40))
    ours = erbium.feature.mfcc(S=levels, n_mfcc=13)
    assert np.max(np.abs(ours - librosa.feature.mfcc(S=levels, n_mfcc=13))) < 1e-9
    for wrong in [{}, {"y": y, "S": levels}]:
        with pytest.raises(ValueError, match="mfcc takes a sound or its levels"):
            erbium.feature.mfcc(**wrong)
    with pytest.raises(ValueError, match="coefficient count 41 is not possible; possible: 1 to 40"):
        erbium.feature.mfcc(y, sr=16000, n_mels=40, n_mfcc=41)


@pytest.mark.parametrize("options", [{}, {"ref": "max"}, {"top_db": None}, {"amin": 1e-3, "ref": 0.5}], ids=str)
def test_decibels(options, noise):
    powers = noise(3, 20, 30) ** 2
    powers[0, 0, 0] = 0
    theirs = {**options, "ref": np.max} if options.get("ref") == "max" else options
    ours = erbium.feature.power_to_db(powers, **options)
    assert np.max(np.abs(ours - librosa.power_to_db(powers, **theirs))) < 1e-12
    for wrong in [{"amin": 0.0}, {"ref": -1.0}, {"ref": "mean"}, {"top_db": -1.0}]:
        with pytest.raises(ValueError, match="is not possible; possible: "):
            erbium.feature.power_to_db(powers, **wrong)


@pytest.mark.parametrize("mode", ["interp", "nearest"])
@pytest.mark.parametrize("width", [3, 9])
def test_deltas(mode, width, noise):
    data = noise(2, 13, 40)
    ours = erbium.feature.delta(data, width, mode=mode)
    theirs = librosa.feature.delta(data, width=width, mode=mode)
    assert np.max(np.abs(ours - theirs)) < 1e-12
    with pytest.raises(ValueError, match="width 4 is not possible; possible: odd numbers from 3 on"):
        erbium.feature.delta(data, 4)
    with pytest.raises(ValueError, match="frame count 5 is not possible; possible: 9 or more"):
        erbium.feature.delta(data[..., :5], 9)


def test_scales():
    hz = np.array([[0.0, 100.0], [999.0, 7000.0]])
    for htk, name in [(True, "mel-htk"), (False, "mel-slaney")]:
        ours = erbium.scales.units_from_hz(hz, name)
        assert np.max(np.abs(ours - librosa.hz_to_mel(hz, htk=htk))) < 1e-9
        assert np.max(np.abs(erbium.scales.hz_from_units(ours, name) - hz)) < 1e-8
    assert erbium.scales.units_from_hz(1000.0, "mel-fant") == pytest.approx(1000)
    with pytest.raises(ValueError, match='"octave"; possible: .*mel-htk'):
        erbium.scales.units_from_hz(hz, "octave")
