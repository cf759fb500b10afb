#include "EmbeddedModel.h"

// Part of the program's read-only data: found wherever the binary is moved, and read when touched.
#pragma clang diagnostic ignored "-Wc23-extensions"
__attribute__((aligned(64))) static const unsigned char model[] = {
#embed "sam_nano.safetensors"
};

const unsigned char *sam_embedded_model(void) { return model; }
size_t sam_embedded_model_size(void) { return sizeof model; }
