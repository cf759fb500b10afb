#pragma once

#include <stddef.h>
#include <stdint.h>

/// The taps of one output pixel or row of a resize: `count` weights, multiples of 2^-22, of the inputs from
/// `first` on.
typedef struct {
  int32_t first;
  int32_t count;
  const int32_t *weights;
} sam_resize_taps;

/// One row of RGB pixels, 8 bits each, resized along x: output pixel i is the sum of taps[i], rounded and
/// clamped to 0...255. `input_width` pixels in, `output_width` out.
void sam_resize_row_rgb(
    const uint8_t *input, int32_t input_width, uint8_t *output, int32_t output_width,
    const sam_resize_taps *taps);

/// One output row of a resize along y: the weighted sum of the input rows that `taps` names, rounded and
/// clamped. Rows are `row_bytes` bytes, one after the other.
void sam_resize_column(
    const uint8_t *input, size_t row_bytes, uint8_t *output, const sam_resize_taps *taps);
