"""Plays the built VST3 in pedalboard, a host that is not ours. Argument: the bundle.

Prints one line for each thing that holds; the first that does not ends it with an error.
"""

import sys

import numpy as np
import pedalboard

RATE_HZ = 48_000


def holds(what, truth, detail=""):
    if not truth:
        sys.exit(f"vst3: {what} does not hold {detail}")
    print(f"vst3: {what} {detail}")


def noise(seconds, channels=2):
    random = np.random.default_rng(1)
    return random.uniform(-0.5, 0.5, (channels, int(seconds * RATE_HZ))).astype(np.float32)


def rms_db(x):
    return 20 * np.log10(np.sqrt(np.mean(np.square(x, dtype=np.float64))) + 1e-30)


def sine_gain_db(plugin, hz):
    """How much louder a sine comes out than it went in."""
    n = np.arange(2 * RATE_HZ)
    x = (0.1 * np.sin(2 * np.pi * hz * n / RATE_HZ)).astype(np.float32)
    y = plugin.process(np.stack([x, x]), RATE_HZ, reset=True)
    half = slice(RATE_HZ, RATE_HZ + RATE_HZ // 2)
    window = np.hanning(RATE_HZ // 2) * np.exp(-2j * np.pi * hz * n[half] / RATE_HZ)
    return 20 * np.log10(abs(np.sum(window * y[0, half])) / abs(np.sum(window * x[half])))


def loudest_centre(plugin):
    """Where the curve of a plugin with one boosted band peaks, and how high, by its impulse."""
    x = np.zeros((2, RATE_HZ), np.float32)
    x[:, RATE_HZ // 4] = 1
    y = plugin.process(x, RATE_HZ, reset=True)
    response = np.abs(np.fft.rfft(y[0], 8 * RATE_HZ))
    peak = int(np.argmax(response))
    return peak / 8, 20 * np.log10(response[peak])


def main(bundle):
    plugin = pedalboard.load_plugin(bundle)
    names = list(plugin.parameters)
    gains = [name for name in names if name.startswith("gain_") and name[5:].isdigit()]
    holds("64 gains are listed", len(gains) == 64, f"({len(names)} parameters)")

    x = noise(4)
    y = plugin.process(x, RATE_HZ, reset=True)
    # The host takes the reported latency out again: at flat nothing may be left.
    same = y.shape == x.shape and bool(np.all(y == x))
    holds("flat is the input bit for bit, latency compensated", same)

    # Drawn gains run from -60 to 24 dB.
    plugin.parameters["gain_20"].raw_value = (12 + 60) / 84
    hz, peak_db = loudest_centre(plugin)
    holds("a band boosted by 12 dB peaks there", abs(peak_db - 12) < 0.3, f"({peak_db:.2f} dB)")
    heard_db = sine_gain_db(plugin, hz)
    holds("a sine there is as much louder", abs(heard_db - peak_db) < 0.1, f"({heard_db:.2f} dB)")

    state = plugin.raw_state
    expected = plugin.process(x, RATE_HZ, reset=True)
    other = pedalboard.load_plugin(bundle)
    other.raw_state = state
    restored = other.process(x, RATE_HZ, reset=True)
    holds("the state is heard", rms_db(expected - x) > -60)
    difference_db = rms_db(restored - expected) - rms_db(expected)
    holds("another instance sounds the same", difference_db < -120, f"({difference_db:.1f} dB)")


if __name__ == "__main__":
    main(sys.argv[1])
