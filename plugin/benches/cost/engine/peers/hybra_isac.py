"""The published ISAC encoder and decoder (hybra), 40 ERB bands of up to 21 ms at 48 kHz.

Prints the processor time in seconds of a second of sound, one thread: of the first call, and the
least of more.
"""

import sys
import time

import torch
from hybra import ISAC

SECONDS = 10

torch.set_num_threads(1)
bank = ISAC(fs=48_000, kernel_size=1008, num_channels=40, L=48_000 * SECONDS, scale="erb")
sound = torch.randn(1, bank.Ls)
times = []
with torch.no_grad():
    for _ in range(int(sys.argv[1])):
        before = time.process_time()
        bank.decoder(bank(sound))
        times.append(time.process_time() - before)
print(*(seconds / (bank.Ls / 48_000) for seconds in (times[0], min(times))))
