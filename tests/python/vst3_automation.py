"""Opens and closes the editor of the built VST3 in pedalboard while automation plays.

Arguments: the bundle, how many lanes of automation, how many openings at least, for how many seconds
at least. Needs a screen (DISPLAY). Prints one line for each thing that holds; the first that does not
ends it with an error.
"""

import gc
import math
import os
import sys
import threading
import time

import numpy as np
import pedalboard

from vst3_editor import RATE_HZ, holds, ignore_x_errors, open_and_close, wait_for

BLOCK = 512
# Openings before the plugin is removed and loaded again.
INSTANCE = 10


def automate(plugin, lanes, stop):
    """Moves gains, one lane at the pace of blocks or all of them as fast as it goes."""
    gains = [plugin.parameters[f"gain_{lane + 1}"] for lane in range(lanes)]
    step = 0
    while not stop.is_set():
        for lane, gain in enumerate(gains):
            gain.raw_value = 0.7 + 0.2 * math.sin(0.37 * step + lane)
        step += 1
        time.sleep(BLOCK / RATE_HZ if lanes == 1 else 0)


def play(plugin, stop, blocks):
    """Plays noise in blocks, close to real time."""
    x = np.random.default_rng(1).uniform(-0.5, 0.5, (2, BLOCK)).astype(np.float32)
    while not stop.is_set():
        y = plugin.process(x, RATE_HZ, buffer_size=BLOCK, reset=False)
        blocks.append(bool(np.all(np.isfinite(y))))
        time.sleep(BLOCK / RATE_HZ / 4)


def open_beside(plugin, lanes, openings):
    """Opens and closes while it plays and moves."""
    stop, blocks = threading.Event(), []
    beside = [
        threading.Thread(target=automate, args=(plugin, lanes, stop)),
        threading.Thread(target=play, args=(plugin, stop, blocks)),
    ]
    for thread in beside:
        thread.start()
    try:
        wait_for(lambda: blocks, 0.01)
        for _ in range(openings):
            open_and_close(plugin)
    finally:
        # Whatever went wrong, or it would not be told before they end.
        stop.set()
        for thread in beside:
            thread.join()
    holds("it plays on beside it", blocks and all(blocks), f"({len(blocks)} blocks)")


def files():
    return len(os.listdir("/proc/self/fd"))


def main(bundle, lanes, openings, seconds):
    ignore_x_errors()
    start = time.monotonic()
    plugin = pedalboard.load_plugin(bundle)
    # What is opened once and stays.
    open_beside(plugin, lanes, 2)
    time.sleep(1)
    before = files()
    opened = 0
    while opened < openings or time.monotonic() - start < seconds:
        part = min(INSTANCE, max(openings - opened, 1))
        open_beside(plugin, lanes, part)
        opened += part
        gone = wait_for(lambda: files() <= before, 0.05, 10)
        holds(f"{opened} openings leave no file", gone, f"({files() - before} more)")
        del plugin
        gc.collect()
        plugin = pedalboard.load_plugin(bundle)
    del plugin
    gc.collect()
    gone = wait_for(lambda: files() <= before, 0.05, 10)
    holds("and no file when it is removed", gone, f"({files() - before} more)")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
