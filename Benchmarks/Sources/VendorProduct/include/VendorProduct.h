#pragma once

/// Row-major C = A * B, single precision, by the vendor's library on so many of its own threads;
/// Accelerate chooses their number itself.
void bench_vendor_product(long rows, long columns, long depth, const float *a, const float *b, float *c, int threads);

/// What the library calls itself and the kernels it has chosen.
const char *bench_vendor_name(void);
