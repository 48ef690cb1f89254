/* Hashing every stretch of so many bytes in a token of ASCII: the n-grams of characters, eight at a time where the
 * processor can.
 */
#ifndef SMARTCAT_WINDOWS_H
#define SMARTCAT_WINDOWS_H

#include "murmur.h"

/* Hashes that may be written beyond the last. */
#define SC_WINDOWS_SLACK 7u

/* Hash the `windows` stretches of `bytes` bytes that begin at `at`, `at + 1`, ... Up to SC_WINDOWS_SLACK further
 * places of `out` are written, and the slack behind the text is read. */
void sc_hash_windows(const uint8_t *at, size_t windows, size_t bytes, uint32_t *out);

#endif
