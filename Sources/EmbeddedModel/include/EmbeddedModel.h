#pragma once

#include <stddef.h>

/// The checkpoint inside the library, a safetensors file; 64-byte aligned.
const unsigned char *sam_embedded_model(void);
/// Its length in bytes.
size_t sam_embedded_model_size(void);
