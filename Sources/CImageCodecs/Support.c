#include "Support.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sam_fail(sam_codec_failure *failure, sam_codec_failure_kind kind, const char *format, ...) {
  failure->kind = kind;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failure->message, sizeof failure->message, format, arguments);
  va_end(arguments);
  return false;
}

bool sam_buffer_append(sam_buffer *buffer, const void *bytes, size_t count) {
  if (count > buffer->capacity - buffer->count) {
    size_t capacity = buffer->capacity + buffer->capacity / 2 + count + 4096;
    uint8_t *grown = realloc(buffer->bytes, capacity);
    if (!grown) return false;
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  if (count > 0) memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
  return true;
}

void sam_buffer_free(sam_buffer *buffer) {
  free(buffer->bytes);
  *buffer = (sam_buffer){0};
}
