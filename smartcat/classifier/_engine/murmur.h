/* MurmurHash3 (x86, 32 bits, seed 0) of stretches of a text, as scikit-learn hashes its n-grams.
 *
 * Austin Appleby placed the algorithm in the public domain. Reads up to three bytes beyond a stretch, which the
 * slack behind every text allows.
 */
#ifndef SMARTCAT_MURMUR_H
#define SMARTCAT_MURMUR_H

#include "memory.h"

static inline uint32_t sc_rotate(uint32_t x, unsigned by) { return x << by | x >> (32 - by); }

static inline uint32_t sc_murmur_word(uint32_t k) { return sc_rotate(k * 0xCC9E2D51u, 15) * 0x1B873593u; }

static inline uint32_t sc_murmur_block(uint32_t state, uint32_t k)
{
    return sc_rotate(state ^ sc_murmur_word(k), 13) * 5 + 0xE6546B64u;
}

/* The hash of `bytes` bytes: `state` after their whole blocks of four, and the 0 to 3 bytes at `rest` beyond them.
 * A word of zero leaves the state as it is, so no rest needs no branch. */
static inline uint32_t sc_murmur_end(uint32_t state, const uint8_t *rest, size_t bytes)
{
    uint32_t last = sc_load32(rest) & (((uint32_t)1 << (8 * (bytes & 3))) - 1);
    uint32_t h = state ^ sc_murmur_word(last) ^ (uint32_t)bytes;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

static inline uint32_t sc_murmur(const uint8_t *at, size_t bytes)
{
    uint32_t state = 0;
    const uint8_t *rest = at + (bytes & ~(size_t)3);
    for (; at < rest; at += 4) state = sc_murmur_block(state, sc_load32(at));
    return sc_murmur_end(state, rest, bytes);
}

/* Which of `mask + 1` buckets (a power of two) a hash falls into: the absolute value of the signed hash, and the
 * value that has none (-2**31) falls into the first. */
static inline uint32_t sc_bucket(uint32_t hash, uint32_t mask)
{
    return (hash >> 31 ? 0u - hash : hash) & mask;
}

#endif
