// What Embedded Swift asks of a C library, where there is none: memory, copying, seeds for hashing, a way to print.

#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

/// What stands before each allocation: where its block begins, and the list of freed blocks that it goes back to.
typedef struct {
  void *block;
  uint32_t list;
} Header;

extern unsigned char __heap_base;
static uintptr_t heap_end = 0;
static void *freed[4 * 32];

/// Rounds up to one of four sizes for each power of two; they number the lists of freed blocks.
static uint32_t list_of(size_t size, size_t *rounded) {
  if (size < 64) size = 64;
  uint32_t power = 31 - (uint32_t)__builtin_clz((uint32_t)size - 1);
  size_t quarter = (size_t)1 << (power - 2);
  size_t steps = (size - ((size_t)1 << power) + quarter - 1) / quarter;
  *rounded = ((size_t)1 << power) + steps * quarter;
  return power * 4 + (uint32_t)steps - 1;
}

/// Fresh memory, or NULL where the host gives no more.
static void *extend(size_t size) {
  const size_t page = 65536;
  if (heap_end == 0) heap_end = ((uintptr_t)&__heap_base + 15) / 16 * 16;
  size_t limit = __builtin_wasm_memory_size(0) * page;
  if (size > limit - heap_end) {
    size_t pages = (size - (limit - heap_end) + page - 1) / page;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return NULL;
  }
  void *block = (void *)heap_end;
  heap_end += size;
  return block;
}

static void *allocate(size_t size, size_t alignment) {
  if (alignment < 16) alignment = 16;
  if (size > 0x70000000 || alignment > 0x10000) return NULL;
  size_t rounded;
  uint32_t list = list_of(size + sizeof(Header) + alignment, &rounded);
  void *block = freed[list];
  if (block)
    freed[list] = *(void **)block;
  else if (!(block = extend(rounded)))
    return NULL;
  uintptr_t start = ((uintptr_t)block + sizeof(Header) + alignment - 1) / alignment * alignment;
  ((Header *)start)[-1] = (Header){block, list};
  return (void *)start;
}

EXPORT void *malloc(size_t size) { return allocate(size, 16); }

int posix_memalign(void **pointer, size_t alignment, size_t size) {
  *pointer = allocate(size, alignment);
  return *pointer ? 0 : 12;
}

EXPORT void free(void *pointer) {
  if (!pointer) return;
  Header header = ((Header *)pointer)[-1];
  *(void **)header.block = freed[header.list];
  freed[header.list] = header.block;
}

void *memcpy(void *to, const void *from, size_t count) { return __builtin_memcpy(to, from, count); }
void *memmove(void *to, const void *from, size_t count) { return __builtin_memmove(to, from, count); }
void *memset(void *to, int value, size_t count) { return __builtin_memset(to, value, count); }

int memcmp(const void *left, const void *right, size_t count) {
  const unsigned char *a = left, *b = right;
  for (size_t i = 0; i < count; i++)
    if (a[i] != b[i]) return a[i] - b[i];
  return 0;
}

/// Hash tables need no protection here: all names are the model's own.
void arc4random_buf(void *to, size_t count) { __builtin_memset(to, 0x5a, count); }

/// Messages go nowhere: what can fail is returned to the caller.
int putchar(int character) { return character; }
