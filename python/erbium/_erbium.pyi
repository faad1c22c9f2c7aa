# The signatures of the compiled module; a test compares them. What they mean is in the docstrings.

from collections.abc import Sequence
from os import PathLike
from typing import Any, Literal

from numpy import float32, float64, int64
from numpy.typing import ArrayLike, DTypeLike, NDArray

__version__: str

_Path = str | PathLike[str]
_Gains = float | Sequence[float] | NDArray[Any]
_Scale = Literal["erb", "mel", "bark", "log", "log10", "linear", "elelog"]
_Prototype = Literal["hann", "hann2"]

class Bank:
    def __new__(
        cls,
        kind: Literal["isac", "gammatone"] = "isac",
        scale: _Scale = "erb",
        bands: int = 40,
        latency_ms: float | None = None,
        sample_rate: float = 48000.0,
        *,
        quality: Literal["eco", "standard", "high"] = "standard",
        prototype: _Prototype = "hann2",
        phase: Literal["of_bank", "minimum"] = "of_bank",
        stride: int | None = None,
        kernel_size: int | None = None,
        supp_mult: float | None = None,
        fc_max: float | None = None,
        nearest: bool = False,
    ) -> Bank: ...
    @classmethod
    def from_kernels(
        cls,
        kernels: NDArray[Any],
        strides: int | Sequence[int] | None = None,
        latency_samples: int | None = None,
        sample_rate: float = 48000.0,
        scale: _Scale = "erb",
    ) -> Bank: ...
    @classmethod
    def load(cls, path: _Path, sample_rate: float | None = None, scale: _Scale = "erb") -> Bank: ...
    def save(self, path: _Path, *, only_this_rate: bool = False) -> None: ...
    def analyze(self, x: NDArray[Any]) -> list[NDArray[Any]]: ...
    def synthesize(self, c: Sequence[NDArray[Any]], length: int | None = None) -> NDArray[Any]: ...
    def equalize(
        self, x: NDArray[Any], gains_db: _Gains, *, compensate: bool = True
    ) -> NDArray[Any]: ...
    def collapse(self, gains_db: _Gains) -> NDArray[float32]: ...
    def band_gains(self, gains_db: _Gains) -> NDArray[float32]: ...
    def cochleagram(
        self, x: NDArray[Any], hop_samples: int | None = None, floor_db: float = -90.0
    ) -> NDArray[Any]: ...
    @property
    def kind(self) -> str: ...
    @property
    def scale(self) -> str: ...
    @property
    def bands(self) -> int: ...
    @property
    def sample_rate(self) -> float: ...
    @property
    def latency_samples(self) -> int: ...
    @property
    def centres_hz(self) -> NDArray[float64]: ...
    @property
    def bandwidths_hz(self) -> NDArray[float64]: ...
    @property
    def strides(self) -> NDArray[int64]: ...
    @property
    def phases(self) -> NDArray[int64]: ...
    @property
    def kernels(self) -> NDArray[Any]: ...
    @property
    def duals(self) -> NDArray[Any]: ...
    @property
    def frame_bounds(self) -> tuple[float, float] | None: ...
    @property
    def condition_number(self) -> float | None: ...
    @property
    def report(self) -> dict[str, float]: ...

class Stream:
    def __new__(
        cls, bank: Bank, channels: int = 1, *, gains_db: _Gains | None = None, metering: bool = False
    ) -> Stream: ...
    def process(self, block: NDArray[Any]) -> NDArray[Any]: ...
    def set_gains_db(self, gains_db: _Gains, *, at_once: bool = False) -> None: ...
    def reset(self) -> None: ...
    def levels_db(self) -> NDArray[float64]: ...
    @property
    def bank(self) -> Bank: ...
    @property
    def channels(self) -> int: ...
    @property
    def latency_samples(self) -> int: ...
    @property
    def tail_samples(self) -> int: ...
    @property
    def gains_db(self) -> NDArray[float64]: ...

class ISAC:
    def __new__(
        cls,
        fs: float,
        kernel_size: int | None = 128,
        num_channels: int = 40,
        fc_max: float | None = None,
        stride: int | None = None,
        *,
        supp_mult: float = 1.0,
        scale: _Scale = "mel",
        prototype: _Prototype = "hann",
        tighten_steps: int = 0,
    ) -> ISAC: ...
    @classmethod
    def from_kernels(cls, kernels: NDArray[Any], stride: int, fs: float) -> ISAC: ...
    def __call__(self, x: NDArray[Any], *, circular: bool = True) -> NDArray[Any]: ...
    def adjoint(self, c: NDArray[Any]) -> NDArray[Any]: ...
    def power_spectral_density(self, points: int = 512) -> NDArray[float64]: ...
    @property
    def kernels(self) -> NDArray[Any]: ...
    @property
    def centres_hz(self) -> NDArray[float64]: ...
    @property
    def fs(self) -> float: ...
    @property
    def num_channels(self) -> int: ...
    @property
    def kernel_size(self) -> int: ...
    @property
    def stride(self) -> int: ...
    @property
    def frame_bounds(self) -> tuple[float, float] | None: ...
    @property
    def condition_number(self) -> float | None: ...

class ISACSpec:
    def __new__(
        cls,
        fs: float,
        *,
        kernel_size: int | None = None,
        num_channels: int = 40,
        stride: int | None = None,
        fc_max: float | None = None,
        supp_mult: float = 1.0,
        scale: _Scale = "mel",
        prototype: _Prototype = "hann",
        power: float = 2.0,
        avg_size: int | None = None,
        is_log: bool = False,
    ) -> ISACSpec: ...
    def __call__(self, x: NDArray[Any], *, circular: bool = True) -> NDArray[Any]: ...
    @property
    def centres_hz(self) -> NDArray[float64]: ...
    @property
    def hop_samples(self) -> int: ...
    @property
    def stride(self) -> int: ...

class ISACCC:
    def __new__(
        cls,
        fs: float,
        *,
        kernel_size: int | None = None,
        num_channels: int = 40,
        stride: int | None = None,
        num_cc: int = 13,
        fc_max: float | None = None,
        supp_mult: float = 1.0,
        scale: _Scale = "mel",
        prototype: _Prototype = "hann",
        power: float = 2.0,
        avg_size: int | None = None,
    ) -> ISACCC: ...
    def __call__(self, x: NDArray[Any], *, circular: bool = True) -> NDArray[Any]: ...
    @property
    def hop_samples(self) -> int: ...

class Gammatone:
    def __new__(
        cls,
        sample_rate: float,
        num_bands: int | None = None,
        *,
        cf_low: float | None = None,
        cf_high: float | None = None,
        freq_low: float | None = None,
        freq_high: float | None = None,
        centres_hz: Sequence[float] | None = None,
        normalize_gain: bool = True,
        align: Literal["envelope", "both"] | None = None,
        common_delay: int | None = None,
        align_fine_structure: bool = False,
    ) -> Gammatone: ...
    def __call__(self, x: NDArray[Any]) -> NDArray[Any]: ...
    def spectrogram(
        self, x: NDArray[Any], window_samples: int, hop_samples: int
    ) -> NDArray[Any]: ...
    def impulse_responses(self, samples: int) -> NDArray[float64]: ...
    def responses(self, hz: Sequence[float]) -> NDArray[Any]: ...
    def phase_spectrum(self, band: int, hz: Sequence[float]) -> NDArray[float64]: ...
    @property
    def centres_hz(self) -> NDArray[float64]: ...
    @property
    def bandwidths_hz(self) -> NDArray[float64]: ...
    @property
    def delays_samples(self) -> NDArray[int64]: ...
    @property
    def gains_at_centre(self) -> NDArray[float64]: ...
    @property
    def delays_at_centre_samples(self) -> NDArray[float64]: ...

def melspectrogram(
    y: NDArray[Any],
    *,
    sr: float = 22050.0,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    center: bool = True,
    pad_mode: Literal["constant", "reflect"] = "constant",
    power: float = 2.0,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: Literal["slaney", 1] | None = ...,
) -> NDArray[Any]: ...
def mfcc(
    y: NDArray[Any] | None = None,
    *,
    sr: float = 22050.0,
    S: NDArray[Any] | None = None,
    n_mfcc: int = 20,
    lifter: float = 0.0,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    center: bool = True,
    pad_mode: Literal["constant", "reflect"] = "constant",
    power: float = 2.0,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    mel_norm: Literal["slaney", 1] | None = ...,
) -> NDArray[Any]: ...
def power_to_db(
    S: NDArray[Any],
    ref: float | Literal["max"] = ...,
    amin: float = 1e-10,
    top_db: float | None = 80.0,
) -> NDArray[Any]: ...
def delta(
    data: NDArray[Any], width: int = 9, *, mode: Literal["interp", "nearest"] = "interp"
) -> NDArray[Any]: ...
def mel(
    *,
    sr: float,
    n_fft: int,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: Literal["slaney", 1] | None = ...,
    dtype: DTypeLike | None = None,
) -> NDArray[Any]: ...
def kapre(
    n_fbs: int,
    sr: float,
    n_fft: int,
    *,
    init: Literal["mel", "log", "linear", "uni_random"] = "mel",
    fmin: float | None = None,
    fmax: float | None = None,
    bins_per_octave: int = 12,
    seed: int = 0,
) -> NDArray[float64]: ...
def mfb(bins: int, ilow: float, ihigh: float, ibands: int, *, sr: float) -> NDArray[float64]: ...
def filtbankm(
    p: float | None,
    n: float | Sequence[float],
    fs: float,
    fl: float | None = None,
    fh: float | None = None,
    w: str = "",
) -> tuple[NDArray[float64], NDArray[float64], int, int]: ...
def units_from_hz(hz: ArrayLike, scale: str) -> Any: ...
def hz_from_units(units: ArrayLike, scale: str) -> Any: ...
