/* The plain form of a bank in C, to be compared with: direct_form FILE SAMPLES, where FILE holds
   "BANDS" and per band "ANALYSIS_TAPS SYNTHESIS_TAPS STRIDE PHASE". For each band each stride-th
   sample it computes one complex correlation with the past and adds one real-part synthesis to the
   future. Nothing is folded or shared. The taps' values do not matter for the time, so they are made
   up. Prints the processor time in seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BANDS = 64, SPAN = 1 << 16, BLOCK = 64 };

static float *taps(int count) {
    float *taps = malloc((size_t)count * sizeof *taps);
    for (int i = 0; i < count; i++)
        taps[i] = (float)rand() / (float)RAND_MAX * 1e-3f;
    return taps;
}

int main(int argc, char **argv) {
    int bands, heard[BANDS], sounding[BANDS], stride[BANDS], phase[BANDS];
    float *ar[BANDS], *ai[BANDS], *sr[BANDS], *si[BANDS];
    FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;
    if (!file || fscanf(file, "%d", &bands) != 1 || bands > BANDS)
        return 2;
    for (int k = 0; k < bands; k++) {
        if (fscanf(file, "%d %d %d %d", heard + k, sounding + k, stride + k, phase + k) != 4)
            return 2;
        ar[k] = taps(heard[k]), ai[k] = taps(heard[k]);
        sr[k] = taps(sounding[k]), si[k] = taps(sounding[k]);
    }
    int samples = atoi(argv[2]);
    float *x = calloc((size_t)samples + 2 * SPAN, sizeof *x);
    float *y = calloc((size_t)samples + 2 * SPAN, sizeof *y);
    for (int n = 0; n < samples + SPAN; n++)
        x[n] = (float)rand() / (float)RAND_MAX - 0.5f;
    clock_t before = clock();
    for (int block = 0; block < samples; block += BLOCK)
        for (int k = 0; k < bands; k++) {
            int first = block + (phase[k] + stride[k] - block % stride[k]) % stride[k];
            for (int n = first; n < block + BLOCK; n += stride[k]) {
                const float *past = x + n + SPAN - heard[k];
                const float *re = ar[k], *im = ai[k];
                float a = 0, b = 0;
                for (int i = 0; i < heard[k]; i++) {
                    a += re[i] * past[i];
                    b += im[i] * past[i];
                }
                float *restrict future = y + n;
                re = sr[k], im = si[k];
                for (int i = 0; i < sounding[k]; i++)
                    future[i] += re[i] * a - im[i] * b;
            }
        }
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    float sum = 0;
    for (int n = 0; n < samples; n++)
        sum += y[n];
    fprintf(stderr, "%g\n", (double)sum);
    printf("%.9f\n", seconds);
    return 0;
}
