"""Matrices from the bins of a spectrum to bands: `filters @ powers` are bands.

`mel` is librosa's, `filtbankm` VOICEBOX's, `kapre` that of kapre's `Filterbank`, `mfb` Csound's.
"""

from ._erbium import filtbankm, kapre, mel, mfb

__all__ = ["filtbankm", "kapre", "mel", "mfb"]
