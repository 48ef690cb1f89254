/* Memory and bytes: growing buffers that fail cleanly, unaligned little-endian reads. Knows no text.
 *
 * Every function of the engine that can fail returns a status; nothing aborts, nothing prints.
 */
#ifndef SMARTCAT_MEMORY_H
#define SMARTCAT_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the engine maps little-endian arrays; big-endian machines serve with scikit-learn"
#endif

typedef enum {
    SC_OK = 0,
    SC_NO_MEMORY, /* an allocation failed; whatever was built so far is still valid and can be freed */
    SC_TOO_LONG,  /* a text is larger than SC_MAX_TEXT */
    SC_BAD_FILE,  /* a file of the model is not what it should be */
    SC_NOT_IN_FORM /* a text has to be brought into canonical form first; no error, and never returned to Python */
} sc_status;

/* Longest text in bytes of UTF-8, also in its canonical form. Small enough that no count, offset or number of n-grams overflows 32 bits:
 * folding makes at most 11 bytes of one (U+FDFA), and an n-gram range has at most 10 lengths. */
#define SC_MAX_TEXT ((size_t)1 << 25)

/* Bytes beyond the end of any text buffer that may be read or written, so that short copies and the last
 * block of a hash need no special case. */
#define SC_SLACK ((size_t)64)

#ifdef SC_FAILING_MEMORY
/* Test builds: the n-th allocation from now fails (and all after it); negative means never. */
extern long sc_allocations_left;
static inline int sc_allocation_allowed(void)
{
    if (sc_allocations_left < 0) return 1;
    if (sc_allocations_left == 0) return 0;
    sc_allocations_left--;
    return 1;
}
#else
static inline int sc_allocation_allowed(void) { return 1; }
#endif

static inline void *sc_resize(void *block, size_t bytes)
{
    return sc_allocation_allowed() ? realloc(block, bytes ? bytes : 1) : NULL;
}

static inline void *sc_zeroed(size_t count, size_t size)
{
    return sc_allocation_allowed() ? calloc(count ? count : 1, size) : NULL;
}

/* An array that grows: `used` items of a size that its user knows. */
typedef struct {
    void *data;
    size_t used, room;
} sc_array;

/* Make room for `more` further items; on failure the array is as it was. */
static inline sc_status sc_reserve(sc_array *array, size_t more, size_t item)
{
    size_t wanted = array->used + more;
    if (wanted <= array->room) return SC_OK;
    size_t room = array->room + array->room / 2 + 64;
    if (room < wanted) room = wanted;
    if (room > SIZE_MAX / item) return SC_NO_MEMORY;
    void *data = sc_resize(array->data, room * item);
    if (!data) return SC_NO_MEMORY;
    array->data = data;
    array->room = room;
    return SC_OK;
}

static inline void sc_release(sc_array *array)
{
    free(array->data);
    array->data = NULL;
    array->used = array->room = 0;
}

/* Free an array that grew beyond what is worth keeping for the next text. */
static inline void sc_trim(sc_array *array, size_t keep_items)
{
    if (array->room > keep_items) sc_release(array);
    array->used = 0;
}

static inline uint32_t sc_load32(const void *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint64_t sc_load64(const void *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/* Whether loops are also compiled for AVX2, to be chosen when they run; a test compiles both ways and compares. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(SC_PLAIN)
#define SC_ASKS_FOR_AVX2 1
#else
#define SC_ASKS_FOR_AVX2 0
#endif

#if defined(__GNUC__)
#define SC_LIKELY(x) __builtin_expect(!!(x), 1)
#define SC_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define SC_PREFETCH(address) __builtin_prefetch(address)
#else
#define SC_LIKELY(x) (x)
#define SC_UNLIKELY(x) (x)
#define SC_PREFETCH(address) ((void)(address))
#endif

#endif
