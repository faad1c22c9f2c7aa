"""Writes the responses of equaliser filters that the tests of erbium-curve compare with.

Arguments: the file to write. The coefficients are those of the Audio EQ Cookbook
(https://www.w3.org/TR/audio-eq-cookbook/), and the responses are what scipy.signal.freqz says of
them. Every line is a sampling rate in hertz, a filter in the words of Equalizer APO, and pairs of
frequency in hertz and response in dB, apart by tabs. Needs numpy and scipy.
"""

import sys

import numpy as np
from scipy.signal import freqz

RATES_HZ = [44100, 48000, 96000]


def alpha_of(omega, gain_db, width):
    a = 10 ** (gain_db / 40)
    name, value = width
    if name == "Q":
        return np.sin(omega) / (2 * value)
    if name == "Oct":
        return np.sin(omega) * np.sinh(np.log(2) / 2 * value * omega / np.sin(omega))
    return np.sin(omega) / 2 * np.sqrt((a + 1 / a) * (1 / value - 1) + 2)


def centre_hz(kind, hz, gain_db, width, corner):
    """The cookbook's frequency; a corner is moved as Equalizer APO moves it."""
    if not corner:
        return hz
    a = 10 ** (gain_db / 40)
    name, value = width
    s = value if name == "S" else 1 / ((1 / value**2 - 2) / (a + 1 / a) + 1)
    factor = 10 ** (abs(gain_db) / 80 / s)
    return hz * factor if kind == "low shelf" else hz / factor


def coefficients(kind, hz, gain_db, width, corner, rate_hz):
    omega = 2 * np.pi * centre_hz(kind, hz, gain_db, width, corner) / rate_hz
    if kind in ("low pass 1", "high pass 1"):
        # Of 1 / (s + 1) and s / (s + 1), by the bilinear transform.
        k = np.tan(omega / 2)
        b = [k, k] if kind == "low pass 1" else [1, -1]
        return np.array(b), np.array([k + 1, k - 1])
    alpha = alpha_of(omega, gain_db, width)
    a, c = 10 ** (gain_db / 40), np.cos(omega)
    plain = [1 + alpha, -2 * c, 1 - alpha]
    if kind == "peak":
        return [1 + alpha * a, -2 * c, 1 - alpha * a], [1 + alpha / a, -2 * c, 1 - alpha / a]
    if kind == "low pass":
        return [(1 - c) / 2, 1 - c, (1 - c) / 2], plain
    if kind == "high pass":
        return [(1 + c) / 2, -1 - c, (1 + c) / 2], plain
    if kind == "band pass":
        return [alpha, 0, -alpha], plain
    if kind == "notch":
        return [1, -2 * c, 1], plain
    r = 2 * np.sqrt(a) * alpha
    if kind == "low shelf":
        return (
            [
                a * ((a + 1) - (a - 1) * c + r),
                2 * a * ((a - 1) - (a + 1) * c),
                a * ((a + 1) - (a - 1) * c - r),
            ],
            [(a + 1) + (a - 1) * c + r, -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - r],
        )
    return (
        [
            a * ((a + 1) + (a - 1) * c + r),
            -2 * a * ((a - 1) + (a + 1) * c),
            a * ((a + 1) + (a - 1) * c - r),
        ],
        [(a + 1) - (a - 1) * c + r, 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - r],
    )


# The words of Equalizer APO, and what they mean: kind, hertz, dB, width, whether a corner.
FILTERS = [
    ("PK Fc 31.5 Hz Gain 6 dB Q 1.41", "peak", 31.5, 6, ("Q", 1.41), False),
    ("PK Fc 105 Hz Gain -12.5 dB Q 8", "peak", 105, -12.5, ("Q", 8), False),
    ("PK Fc 1000 Hz Gain 20 dB Q 0.3", "peak", 1000, 20, ("Q", 0.3), False),
    ("PK Fc 7800 Hz Gain -3.3 dB Q 30", "peak", 7800, -3.3, ("Q", 30), False),
    ("PK Fc 19500 Hz Gain 4.5 dB Q 2.2", "peak", 19500, 4.5, ("Q", 2.2), False),
    ("PEQ Fc 100 Hz Gain 1 dB BW Oct 0.167", "peak", 100, 1, ("Oct", 0.167), False),
    ("PEQ Fc 12000 Hz Gain -9 dB BW Oct 2.5", "peak", 12000, -9, ("Oct", 2.5), False),
    ("Modal Fc 89.4 Hz Gain -7 dB Q 12.197 T60 target 300 ms", "peak", 89.4, -7, ("Q", 12.197), False),
    ("PA Fc 36.8Hz (  40 -8) Gain -15.5dB BW/60 10.0", "peak", 36.8, -15.5, ("Q", 6 / 2**0.5), False),
    ("LS Fc 300 Hz Gain 5 dB", "low shelf", 300, 5, ("S", 0.9), False),
    ("HS Fc 1000 Hz Gain -3 dB", "high shelf", 1000, -3, ("S", 0.9), False),
    ("LSC Fc 105 Hz Gain 5.5 dB Q 0.70", "low shelf", 105, 5.5, ("Q", 0.7), False),
    ("HSC Fc 10000 Hz Gain -2 dB Q 0.70", "high shelf", 10000, -2, ("Q", 0.7), False),
    ("LSC 10.8 dB Fc 300 Hz Gain 5 dB", "low shelf", 300, 5, ("S", 0.9), False),
    ("HSC 6 dB Fc 100 Hz Gain -6 dB", "high shelf", 100, -6, ("S", 0.5), False),
    ("LS 6dB Fc 50 Hz Gain 7.2 dB", "low shelf", 50, 7.2, ("S", 0.5), True),
    ("LS 12dB Fc 2000 Hz Gain -5 dB", "low shelf", 2000, -5, ("S", 1), True),
    ("HS 6dB Fc 12000 Hz Gain 10 dB", "high shelf", 12000, 10, ("S", 0.5), True),
    ("HS 12dB Fc 500 Hz Gain 5 dB", "high shelf", 500, 5, ("S", 1), True),
    ("LS Fc 3000 Hz Gain -4 dB Q 0.9", "low shelf", 3000, -4, ("Q", 0.9), True),
    ("HS Fc 400 Hz Gain 6 dB Q 0.5", "high shelf", 400, 6, ("Q", 0.5), True),
    ("LS Q Fc 500 Hz Gain 8 dB Q 0.71", "low shelf", 500, 8, ("Q", 0.71), False),
    ("LP Fc 8000 Hz", "low pass", 8000, 0, ("Q", 0.5**0.5), False),
    ("LPQ Fc 10000 Hz Q 0.4", "low pass", 10000, 0, ("Q", 0.4), False),
    ("HP Fc 30 Hz", "high pass", 30, 0, ("Q", 0.5**0.5), False),
    ("HP Q Fc 20 Hz Q 2", "high pass", 20, 0, ("Q", 2), False),
    ("LP1 Fc 3000 Hz", "low pass 1", 3000, 0, ("Q", 1), False),
    ("HP1 Fc 63 Hz", "high pass 1", 63, 0, ("Q", 1), False),
    ("BP Fc 1000 Hz BW Oct 2", "band pass", 1000, 0, ("Oct", 2), False),
    ("BP Fc 1000 Hz Q 0.1", "band pass", 1000, 0, ("Q", 0.1), False),
    ("NO Fc 800 Hz", "notch", 800, 0, ("Q", 30), False),
    ("Notch Q Fc 1250 Hz Q 0.71", "notch", 1250, 0, ("Q", 0.71), False),
]


def main(path):
    with open(path, "w", encoding="utf-8") as file:
        for rate_hz in RATES_HZ:
            for words, *filter_ in FILTERS:
                b, a = coefficients(*filter_, rate_hz)
                # Off the zeros of notches, where a dB is of no use.
                hz = np.round(np.geomspace(5.3, rate_hz * 0.487, 17), 3)
                _, h = freqz(b, a, worN=hz, fs=rate_hz)
                db = 20 * np.log10(np.abs(h))
                pairs = "\t".join(f"{f} {d:.9f}" for f, d in zip(hz, db))
                file.write(f"{rate_hz}\t{words}\t{pairs}\n")


if __name__ == "__main__":
    main(sys.argv[1])
