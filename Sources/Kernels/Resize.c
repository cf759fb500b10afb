#include "KernelsResize.h"

#include <string.h>

// Sums are exact 32-bit integers, so every instruction set gives the same bytes.

enum { weight_bits = 22, half = 1 << (weight_bits - 1) };

typedef int32_t int4 __attribute__((vector_size(16)));
typedef uint8_t byte4 __attribute__((vector_size(4)));

static inline __attribute__((always_inline)) uint8_t clamp(int32_t sum) {
  int32_t value = sum >> weight_bits;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static inline __attribute__((always_inline)) int4 load_pixel(const uint8_t *pixel) {
  byte4 bytes;
  memcpy(&bytes, pixel, 4);
  return __builtin_convertvector(bytes, int4);
}

static inline __attribute__((always_inline)) void row_rgb(
    const uint8_t *input, int32_t input_width, uint8_t *output, int32_t output_width,
    const sam_resize_taps *taps) {
  for (int32_t x = 0; x < output_width; x++) {
    const uint8_t *pixel = input + (size_t)taps[x].first * 3;
    const int32_t *weights = taps[x].weights;
    int32_t count = taps[x].count;
    // Four bytes are read per pixel; the row's last pixel has only three.
    int32_t wide = taps[x].first + count < input_width ? count : count - 1;
    int4 sum = {half, half, half, half}, other = {0};
    int32_t i = 0;
    for (; i + 2 <= wide; i += 2) {
      sum += load_pixel(pixel + 3 * i) * weights[i];
      other += load_pixel(pixel + 3 * i + 3) * weights[i + 1];
    }
    if (i < wide) sum += load_pixel(pixel + 3 * i) * weights[i];
    sum += other;
    if (wide < count) {
      const uint8_t *last = pixel + 3 * (size_t)wide;
      int4 value = {last[0], last[1], last[2], 0};
      sum += value * weights[wide];
    }
    for (int c = 0; c < 3; c++) output[3 * (size_t)x + (size_t)c] = clamp(sum[c]);
  }
}

static inline __attribute__((always_inline)) void column(
    const uint8_t *restrict input, size_t row_bytes, uint8_t *restrict output, const sam_resize_taps *taps) {
  enum { block = 64 };
  const uint8_t *first = input + (size_t)taps->first * row_bytes;
  size_t x = 0;
  for (; x + block <= row_bytes; x += block) {
    int32_t sums[block];
    for (int i = 0; i < block; i++) sums[i] = half;
    const uint8_t *row = first + x;
    for (int32_t y = 0; y < taps->count; y++, row += row_bytes) {
      int32_t weight = taps->weights[y];
      for (int i = 0; i < block; i++) sums[i] += row[i] * weight;
    }
    for (int i = 0; i < block; i++) output[x + (size_t)i] = clamp(sums[i]);
  }
  for (; x < row_bytes; x++) {
    int32_t sum = half;
    const uint8_t *row = first + x;
    for (int32_t y = 0; y < taps->count; y++, row += row_bytes) sum += *row * taps->weights[y];
    output[x] = clamp(sum);
  }
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static void row_rgb_avx2(
    const uint8_t *input, int32_t input_width, uint8_t *output, int32_t output_width,
    const sam_resize_taps *taps) {
  row_rgb(input, input_width, output, output_width, taps);
}

__attribute__((target("avx2"))) static void column_avx2(
    const uint8_t *input, size_t row_bytes, uint8_t *output, const sam_resize_taps *taps) {
  column(input, row_bytes, output, taps);
}

#endif

void sam_resize_row_rgb(
    const uint8_t *input, int32_t input_width, uint8_t *output, int32_t output_width,
    const sam_resize_taps *taps) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    row_rgb_avx2(input, input_width, output, output_width, taps);
    return;
  }
#endif
  row_rgb(input, input_width, output, output_width, taps);
}

void sam_resize_column(
    const uint8_t *input, size_t row_bytes, uint8_t *output, const sam_resize_taps *taps) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    column_avx2(input, row_bytes, output, taps);
    return;
  }
#endif
  column(input, row_bytes, output, taps);
}
