"""Long-term levels of demo.wav and what they lack to pink noise, by NumPy: levels.csv, pink.csv."""
import wave
import numpy as np

file = wave.open("../demo.wav")
rate = file.getframerate()
sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).T / 32768
samples = sound.shape[1]

# Frames of a power of two of samples, half a second or more, lie within the sound, so that its ends weigh less.
frame = 32768
hann = np.hanning(frame + 1)[:-1] ** 2
weights = np.zeros(samples)
for start in range(0, samples - frame + 1, frame // 4):
    weights[start:start + frame] += hann / 1.5

# One transform of the whole file, the mean of both channels; pieces of 0.1 s below -90 dB are pauses.
spectrum = np.abs(np.fft.rfft(sound * np.sqrt(weights))) ** 2
spectrum[:, 1:-1] *= 2
bins = spectrum.mean(axis=0) / samples
hz = np.arange(len(bins)) * rate / samples
bins[hz < 2] = 0
starts = np.arange(0, samples, rate // 10)
lengths = np.minimum(samples - starts, rate // 10)
means = np.add.reduceat((sound ** 2).sum(axis=0), starts) / lengths / 2
sounding = np.add.reduceat(weights, starts)[means > 1e-9].sum()
bins /= sounding

edges = 1000 * 2.0 ** (np.arange(-40, 35, 2) / 6)
edges = edges[(edges > 60) & (edges < 13000)]
levels = [10 * np.log10(bins[(hz >= low) & (hz < high)].sum()) for low, high in zip(edges, edges[1:])]
np.savetxt("levels.csv", np.column_stack([edges[:-1], edges[1:], levels]), "%.6f", ",", header="low_hz,high_hz,level_db", comments="")

# Bands: triangles over the ERB-number scale (Glasberg and Moore, 1990) between the centres of the default bank.
centres = np.loadtxt("centres.csv", delimiter=",", skiprows=1)
def number(hz):
    return np.log(1 + hz / (24.7 * 9.265)) * 9.265
triangles = [np.interp(number(hz), number(centres), np.eye(len(centres))[k]) for k in range(len(centres))]

# The K-weighting of ITU-R BS.1770-4 by its digital filters for 48 kHz.
z = np.exp(-2j * np.pi * hz / rate)
shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], z) / np.polyval([0.73248077421585, -1.69065929318241, 1], z)
high_pass = np.polyval([1, -2, 1], z) / np.polyval([0.99007225036621, -1.99004745483398, 1], z)
weights = np.abs(shelf * high_pass) ** 2

known = hz >= 20
pink = np.where(known, 1 / np.maximum(hz, 20), 0)
given = np.where(known, bins, 0)
pink *= (given * weights).sum() / (pink * weights).sum()
lacking = [10 * np.log10((t * pink).sum() / (t * given).sum()) for t in triangles]
# Without 0 Hz, which pink noise does not reach, and what is the noise of 16 bits.
used = (centres > 20) & (centres < 12000)
np.savetxt("pink.csv", np.column_stack([centres[used], np.array(lacking)[used]]), "%.6f", ",", header="centre_hz,lacking_db", comments="")
