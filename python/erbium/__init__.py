"""Auditory filterbanks with exact inverses.

- `Bank`: a bank with its learned dual. `analyze`, `synthesize`, `equalize`, `collapse`, `save` and `load`.
- `Stream`: the same live, block by block.
- `ISAC`, `ISACSpec`, `ISACCC`: the published front ends. `Gammatone`: the all-pole filterbank.
- `feature`: mel spectrograms and cepstra, by librosa's names.
- `filters`: matrices from spectra to bands, by the names of librosa, VOICEBOX, kapre and Csound.
- `scales`: hertz to units of published auditory scales, and back.

Sounds are arrays (..., time), float32 or float64; an array in C order is read where it lies. Errors are `ValueError`
(what was given is not possible), `TypeError` (it holds no such numbers) and `OSError` (a file); each says what was given and
what is possible.
"""

from . import feature, filters, scales
from ._erbium import ISAC, ISACCC, Bank, Gammatone, ISACSpec, Stream, __version__

__all__ = [
    "ISAC",
    "ISACCC",
    "Bank",
    "Gammatone",
    "ISACSpec",
    "Stream",
    "__version__",
    "feature",
    "filters",
    "scales",
]
