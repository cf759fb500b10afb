#pragma once

#include "CImageCodecs.h"

/// Fills `failure` from a printf format and returns false.
__attribute__((format(printf, 3, 4)))
bool sam_fail(sam_codec_failure *failure, sam_codec_failure_kind kind, const char *format, ...);

/// Appends to a growing buffer; false when memory is out.
bool sam_buffer_append(sam_buffer *buffer, const void *bytes, size_t count);

/// Ink to light as Pillow does it: `ink` and `black` are 255 for full ink.
static inline uint8_t sam_light(uint32_t ink, uint32_t black) {
  uint32_t light = 255 - black, product = ink * light + 128;
  return (uint8_t)(light - (((product >> 8) + product) >> 8));
}
