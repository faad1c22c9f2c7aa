"""Published auditory scales: hertz to units, and back."""

from ._erbium import hz_from_units, units_from_hz

__all__ = ["hz_from_units", "units_from_hz"]
