"""pyfar's gammatone analysis and reconstruction, 0 to 20 kHz at 48 kHz, as many bands as Erbium's.

Prints the processor time in seconds of a second of sound: of the first call, and the least of more.
"""

import sys
import time

import numpy as np
import pyfar as pf

SECONDS = 10
BANDS = 40

# One band per ERB is 42 from 20 Hz to 20 kHz: a little farther apart, there are 40.
resolution = 1.0
while True:
    bank = pf.dsp.filter.GammatoneBands(
        [20, 20_000], resolution=resolution, delay=0.008, sampling_rate=48_000
    )
    if bank.n_bands <= BANDS:
        break
    resolution *= 0.99
sound = pf.Signal(np.random.default_rng(1).standard_normal(48_000 * SECONDS), 48_000)
times = []
for _ in range(int(sys.argv[1])):
    before = time.process_time()
    bank.reconstruct(*bank.process(sound))
    times.append(time.process_time() - before)
print(*(seconds / SECONDS for seconds in (times[0], min(times))))
