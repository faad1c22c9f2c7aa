"""Arrays of every shape, order and type: what is taken, what comes out, what is refused."""

import erbium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

ISAC = erbium.ISAC(16000, kernel_size=64, num_channels=12, stride=8)
SPECTROGRAM = erbium.ISACSpec(16000, kernel_size=64, num_channels=12, stride=8)
CEPSTRA = erbium.ISACCC(16000, kernel_size=64, num_channels=12, stride=8, num_cc=5)
GAMMATONE = erbium.Gammatone(16000, 5, cf_low=100, cf_high=4000)

# Each with the axes that it puts in the place of time.
FEATURES = {
    "isac": (ISAC, lambda n: (12, -(-n // 8))),
    "isac between silences": (lambda x: ISAC(x, circular=False), lambda n: (12, -(-n // 8))),
    "isac spectrogram": (SPECTROGRAM, lambda n: (12, max(0, (-(-n // 8) - 8) // 4 + 1))),
    "isac cepstra": (CEPSTRA, lambda n: (5, max(0, (-(-n // 8) - 8) // 4 + 1))),
    "gammatone": (GAMMATONE, lambda n: (5, n)),
    "gammatone powers": (
        lambda x: GAMMATONE.spectrogram(x, 40, 20),
        lambda n: (5, max(0, (n - 40) // 20 + 1)),
    ),
    "mel": (
        lambda x: erbium.feature.melspectrogram(x, sr=16000, n_fft=64, hop_length=16, n_mels=6),
        lambda n: (6, 1 + n // 16),
    ),
    "mfcc": (
        lambda x: erbium.feature.mfcc(x, sr=16000, n_fft=64, hop_length=16, n_mels=6, n_mfcc=4),
        lambda n: (4, 1 + n // 16),
    ),
}

SHAPES = npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3).flatmap(
    lambda leading: st.integers(0, 150).map(lambda time: (*leading[1:], time))
)


@st.composite
def sounds(draw):
    """A sound in C order, and the same values in some other arrangement of memory."""
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    shape = draw(SHAPES)
    seed = draw(st.integers(0, 2**32 - 1))
    plain = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    how = draw(st.sampled_from(["plain", "fortran", "strided", "reversed", "unaligned", "read-only"]))
    if how == "fortran":
        return plain, np.asfortranarray(plain)
    if how == "strided":
        wide = np.zeros((*shape[:-1], 2 * shape[-1]), dtype)
        wide[..., ::2] = plain
        return plain, wide[..., ::2]
    if how == "reversed":
        return plain, plain[..., ::-1].copy()[..., ::-1]
    if how == "unaligned":
        memory = np.zeros(plain.nbytes + 1, np.uint8)[1:].view(dtype).reshape(shape)
        memory[...] = plain
        return plain, memory
    if how == "read-only":
        frozen = plain.copy()
        frozen.flags.writeable = False
        return plain, frozen
    return plain, plain


@pytest.mark.parametrize("name", FEATURES)
@settings(max_examples=30)
@given(pair=sounds())
def test_features_keep_leading_axes_whatever_the_memory(name, pair):
    make, axes = FEATURES[name]
    plain, arranged = pair
    made = make(arranged)
    assert made.shape == (*plain.shape[:-1], *axes(plain.shape[-1]))
    assert made.real.dtype == plain.dtype
    assert np.array_equal(made, make(plain))
    # Each sound by itself.
    rows = plain.reshape(int(np.prod(plain.shape[:-1])), plain.shape[-1])
    alone = [make(row) for row in rows]
    if alone:
        assert np.array_equal(made.reshape(len(rows), *made.shape[-2:]), np.stack(alone))


@settings(max_examples=30)
@given(pair=sounds())
def test_banks_keep_leading_axes_whatever_the_memory(bank, tilt, pair):
    plain, arranged = pair
    before = arranged.copy()
    y = bank.equalize(arranged, tilt(bank))
    assert y.shape == plain.shape and y.dtype == plain.dtype
    assert np.array_equal(y, bank.equalize(plain, tilt(bank)))
    # Each sound by itself, with nothing of the one before.
    for compensate in [True, False]:
        whole = bank.equalize(plain, tilt(bank), compensate=compensate)
        for index in np.ndindex(plain.shape[:-1]):
            alone = bank.equalize(plain[index], tilt(bank), compensate=compensate)
            assert np.array_equal(whole[index], alone)
    c = bank.analyze(arranged)
    assert [band.shape[:-1] for band in c] == [plain.shape[:-1]] * bank.bands
    back = bank.synthesize(c, length=plain.shape[-1])
    assert back.shape == plain.shape and back.dtype == plain.dtype
    assert np.allclose(back, plain, atol=1e-3)
    # In C order or not, coefficients are the same.
    again = bank.synthesize([np.asfortranarray(band) for band in c], length=plain.shape[-1])
    assert np.array_equal(again, back)
    assert np.array_equal(arranged, before), "what was given is not changed"


@pytest.mark.parametrize("name", FEATURES)
def test_single_precision_is_computed_in_double(name, noise):
    make, _ = FEATURES[name]
    x = noise(400).astype(np.float32)
    assert np.array_equal(make(x), make(x.astype(float)).astype(make(x).dtype))


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros(9, np.int16),
        np.zeros(9, np.complex64),
        np.zeros(9, np.float16),
        np.zeros(9, ">f4" if np.little_endian else "<f4"),
        ["a", "b"],
        None,
    ],
    ids=lambda wrong: str(np.asarray(wrong).dtype),
)
def test_what_holds_no_samples_is_a_type_error(bank, wrong):
    held = str(np.asarray(wrong).dtype)
    for take in [bank.analyze, lambda x: bank.equalize(x, 0.0), ISAC, GAMMATONE]:
        with pytest.raises(TypeError) as error:
            take(wrong)
        assert str(error.value) == f"x holds {held}; possible: float32 or float64"


def test_lists_of_numbers_are_arrays(bank):
    assert bank.equalize([0.5, 0.25], 0.0).tolist() == [0.5, 0.25]


def test_a_single_number_has_no_time(bank):
    for take in [bank.analyze, ISAC, GAMMATONE, lambda x: bank.equalize(x, 0.0)]:
        with pytest.raises(ValueError, match=r"^x is a single number; possible: an array \(..., time\)$"):
            take(np.float64(1))


def test_what_is_no_sound_is_silence(bank, noise, tilt):
    x = noise(2000)
    quiet, odd = x.copy(), x.copy()
    quiet[700:703] = 0
    odd[700:703] = [np.nan, np.inf, 2e15]
    assert np.array_equal(bank.equalize(odd, tilt(bank)), bank.equalize(quiet, tilt(bank)))
    for a, b in zip(bank.analyze(odd), bank.analyze(quiet), strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(ISAC(odd), ISAC(quiet))
    assert np.array_equal(GAMMATONE(odd), GAMMATONE(quiet))


def test_gains_that_do_not_fit_are_named(bank):
    x = np.zeros(10)
    with pytest.raises(ValueError) as error:
        bank.equalize(x, [0.0] * 23)
    possible = "one number, or 24, one for each band"
    assert str(error.value) == f"gains_db has the shape [23]; possible: {possible}"
    for odd in [np.nan, np.inf, 121.0]:
        with pytest.raises(ValueError, match=r"gains_db\[5\] is .*; possible: up to 120 dB, -inf for off"):
            bank.collapse([0.0] * 5 + [odd] + [0.0] * 18)
    with pytest.raises(ValueError):
        bank.collapse("loud")


def test_coefficients_that_do_not_fit_are_named(bank, noise):
    c = bank.analyze(noise(2, 500))
    with pytest.raises(ValueError, match="number of bands 23 is not possible; possible: 24"):
        bank.synthesize(c[:23])
    with pytest.raises(ValueError, match="in band 3, as 500 samples have"):
        bank.synthesize([*c[:3], c[3][:, :-1], *c[4:]], length=500)
    with pytest.raises(ValueError, match="number of coefficients"):
        bank.synthesize(c, length=499 - int(bank.strides.max()))
    with pytest.raises(ValueError, match=r"c\[1\] has the axes \[1\] before its frames; possible: \[2\]"):
        bank.synthesize([c[0], c[1][:1], *c[2:]])
    with pytest.raises(ValueError, match=r"c\[0\] is a single number"):
        bank.synthesize([np.float64(1)] * 24)
    with pytest.raises(TypeError, match=r"c\[0\] holds int64; possible: float32"):
        bank.synthesize([np.zeros(3, np.int64)] * 24)
    with pytest.raises(ValueError, match="number of coefficients"):
        bank.synthesize(c, length=2**64 - 1)
    with pytest.raises(ValueError):
        bank.synthesize([])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"bands": 7}, "band count 7 is out of range; possible: 8 to 64"),
        ({"latency_ms": 0.1}, "latency 0.1 ms is out of range; possible: 1 to 100 ms"),
        ({"sample_rate": 999}, "sample rate 999 Hz is out of range; possible: 1000 to 768000 Hz"),
        ({"kind": "fir"}, 'unknown kind "fir"; possible: isac, gammatone'),
        ({"scale": "octave"}, 'unknown scale "octave"; possible: erb, mel, bark, log, linear, elelog'),
        ({"quality": "best"}, 'unknown quality "best"; possible: eco, standard, high'),
        ({"kernel_size": 128}, "kernel_size needs a stride; possible: stride=4"),
        (
            {"stride": 4, "latency_ms": 8},
            "latency_ms and stride are two ways to size a bank; possible: one of them",
        ),
        (
            {"kind": "gammatone", "stride": 4},
            "a gammatone bank has no published kernel size; possible: a latency, or an isac bank",
        ),
    ],
)
def test_settings_out_of_range_are_named(settings, sentence):
    with pytest.raises(ValueError) as error:
        erbium.Bank(**settings)
    assert str(error.value) == sentence


def test_counts_below_zero_are_pythons_own_error():
    with pytest.raises(OverflowError):
        erbium.Bank(bands=-1)
    with pytest.raises(TypeError):
        erbium.Bank(bands=12.5)
    with pytest.raises(TypeError):
        erbium.Bank(loudness=3)


def test_the_nearest_bank_takes_the_place_of_one_that_cannot_be():
    # Eight bands of the log scale at a high rate are far apart.
    settings = {"scale": "log", "bands": 8, "latency_ms": 1, "sample_rate": 192000}
    try:
        exact = erbium.Bank(**settings)
    except ValueError as error:
        assert "possible: more bands" in str(error)
        assert erbium.Bank(**settings, nearest=True).bands >= 8
    else:
        assert erbium.Bank(**settings, nearest=True).bands == exact.bands
