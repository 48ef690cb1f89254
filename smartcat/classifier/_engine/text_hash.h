/* A keyed hash of a stretch of text, for tables that the authors of texts must not be able to fill with collisions. */
#ifndef SMARTCAT_TEXT_HASH_H
#define SMARTCAT_TEXT_HASH_H

#include "memory.h"

/* Mix the 128-bit product of two words into one (as wyhash does): no difference between two texts survives it
 * independent of the seed, so collisions cannot be prepared. */
static inline uint64_t sc_mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t low = (a & 0xFFFFFFFFu) * (b & 0xFFFFFFFFu), high = (a >> 32) * (b >> 32);
    uint64_t left = (a >> 32) * (b & 0xFFFFFFFFu), right = (a & 0xFFFFFFFFu) * (b >> 32);
    uint64_t middle = (low >> 32) + (left & 0xFFFFFFFFu) + (right & 0xFFFFFFFFu);
    return ((middle << 32) | (low & 0xFFFFFFFFu)) ^ (high + (left >> 32) + (right >> 32) + (middle >> 32));
#endif
}

/* Reads up to eight bytes beyond the end of the text, which lie in its slack. */
static inline uint64_t sc_hash_text(const uint8_t *at, size_t bytes, uint64_t seed)
{
    uint64_t hash = seed ^ bytes * 0x9E3779B97F4A7C15u;
    for (; bytes > 8; at += 8, bytes -= 8) hash = sc_mix(sc_load64(at) ^ 0xA0761D6478BD642Fu, hash ^ seed);
    uint64_t last = sc_load64(at) & (~(uint64_t)0 >> (64 - 8 * bytes));
    return sc_mix(last ^ 0xE7037ED1A0B428DBu, hash ^ seed);
}

#endif
