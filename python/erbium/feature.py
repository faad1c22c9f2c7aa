"""Mel spectrograms and cepstra, by the names that librosa gives them."""

from ._erbium import delta, melspectrogram, mfcc, power_to_db

__all__ = ["delta", "melspectrogram", "mfcc", "power_to_db"]
