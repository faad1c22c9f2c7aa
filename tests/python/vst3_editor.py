"""Opens and closes the editor of the built VST3 in pedalboard. Argument: the bundle.

Needs a screen (DISPLAY), xdotool and ImageMagick's import. Prints one line for each thing that
holds; the first that does not ends it with an error.
"""

import ctypes
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pedalboard

RATE_HZ = 48_000
# Looked at one by one.
OPENINGS = 5
# Until Mesa's pools and caches are full, and those that are counted.
FILLING, COUNTED = 40, 200
# Mesa keeps some 0.3 to 0.6 MB of each opening; the texture of the spectrogram
# alone would be 2 MB.
MOST_BYTES = 1_000_000
PATIENCE_S = 120


def holds(what, truth, detail=""):
    if not truth:
        sys.exit(f"vst3: {what} does not hold {detail}")
    print(f"vst3: {what} {detail}", flush=True)


def windows():
    """The ids of the editor's windows on the screen; its name is the plugin's."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", "^Erbium$"],
        capture_output=True, text=True, check=False,
    )
    return found.stdout.split()


def colours(window):
    """How many different colours a window shows."""
    picture = subprocess.run(
        ["import", "-window", window, "-depth", "8", "ppm:-"],
        capture_output=True, check=False,
    ).stdout
    return len(set(zip(picture[0::3], picture[1::3], picture[2::3])))


def wait_for(wished, every_s=0.2, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if wished():
            return True
        time.sleep(every_s)
    return False


def threads():
    """Names of this process's threads that are the editor's."""
    names = []
    for task in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/comm", encoding="utf-8") as comm:
                names.append(comm.read().strip())
        except (FileNotFoundError, ProcessLookupError):
            # It has just ended.
            continue
    return [name for name in names if name.startswith("erbium-displ")]


def look(plugin, x, close, seen):
    """Runs beside the open editor."""
    try:
        # Text and curves blend many colours; a window that is only cleared has one or two.
        seen["drawn"] = wait_for(lambda: windows() and colours(windows()[0]) >= 16)
        seen["flat"] = bool(np.all(plugin.process(x, RATE_HZ, reset=True) == x))
        seen["thread"] = wait_for(lambda: len(threads()) == 1)
    finally:
        close.set()


def open_and_close(plugin):
    """Opens the editor until it has drawn, and closes it."""
    close = threading.Event()

    def look_briefly():
        # The spectrogram's thread starts with the first frame.
        wait_for(threads, 0.01)
        close.set()

    beside = threading.Thread(target=look_briefly)
    beside.start()
    plugin.show_editor(close)
    beside.join()
    wait_for(lambda: not threads(), 0.01)


def resources():
    """Bytes of memory, open files and threads of this process, once it has come to rest."""
    time.sleep(2)
    with open("/proc/self/statm", encoding="utf-8") as statm:
        memory = os.sysconf("SC_PAGE_SIZE") * int(statm.read().split()[1])
    return memory, len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))


def open_again_and_again(plugin):
    for _ in range(FILLING):
        open_and_close(plugin)
    memory, files, tasks = resources()
    for _ in range(COUNTED):
        open_and_close(plugin)
    now = resources()
    each = (now[0] - memory) / COUNTED
    holds(f"{COUNTED} openings leave little memory", each < MOST_BYTES, f"({each:.0f} bytes each)")
    left = now[1] - files
    # Files of the host's own come and go.
    holds("and no files of the window", left <= 16, f"({left} files)")
    holds("and no threads", now[2] <= tasks + 2, f"({now[2] - tasks})")


# Without a handler of its own, Xlib ends the process on errors that hosts survive.
X_ERROR_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: 0)


def ignore_x_errors():
    ctypes.CDLL("libX11.so.6").XSetErrorHandler(X_ERROR_HANDLER)


def main(bundle):
    ignore_x_errors()
    plugin = pedalboard.load_plugin(bundle)
    random = np.random.default_rng(1)
    x = random.uniform(-0.5, 0.5, (2, RATE_HZ)).astype(np.float32)
    # The host takes the first latency it is told in the middle of its first call, where a window's
    # messages are served beside it, and then cuts off too little.
    plugin.process(x, RATE_HZ, reset=True)
    for opening in range(1, OPENINGS + 1):
        close, seen = threading.Event(), {}
        beside = threading.Thread(target=look, args=(plugin, x, close, seen))
        beside.start()
        plugin.show_editor(close)
        beside.join()
        holds(f"opening {opening}: the editor is drawn", seen.get("drawn", False))
        holds(f"opening {opening}: beside it, flat is the input bit for bit", seen.get("flat", False))
        holds(f"opening {opening}: the spectrogram has its thread", seen.get("thread", False))
        holds(f"closing {opening}: no window is left", wait_for(lambda: not windows()))
        holds(f"closing {opening}: no thread of it is left", wait_for(lambda: not threads()))
    open_again_and_again(plugin)
    y = plugin.process(x, RATE_HZ, reset=True)
    holds("closed, it plays on", bool(np.all(y == x)))


if __name__ == "__main__":
    main(sys.argv[1])
