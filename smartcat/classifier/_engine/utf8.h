/* UTF-8, one character at a time. Reads never pass the end, whatever the bytes are. */
#ifndef SMARTCAT_UTF8_H
#define SMARTCAT_UTF8_H

#include "memory.h"

/* Decode the character at `at` (< end) and return its bytes. A byte that begins no character counts as `?`,
 * which Python never hands over but a fuzzer does. */
static inline unsigned sc_decode(const uint8_t *at, const uint8_t *end, uint32_t *code)
{
    uint32_t a = at[0];
    size_t left = (size_t)(end - at);
    if (a < 0x80) {
        *code = a;
        return 1;
    }
    if (a >= 0xC2 && a < 0xE0 && left >= 2 && (at[1] & 0xC0) == 0x80) {
        *code = (a & 0x1F) << 6 | (at[1] & 0x3Fu);
        return 2;
    }
    if ((a & 0xF0) == 0xE0 && left >= 3 && (at[1] & 0xC0) == 0x80 && (at[2] & 0xC0) == 0x80) {
        uint32_t c = (a & 0x0F) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
        if (c >= 0x800 && (c < 0xD800 || c >= 0xE000)) {
            *code = c;
            return 3;
        }
    }
    if (a >= 0xF0 && a < 0xF5 && left >= 4 && (at[1] & 0xC0) == 0x80 && (at[2] & 0xC0) == 0x80 &&
        (at[3] & 0xC0) == 0x80) {
        uint32_t c = (a & 7) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu);
        if (c >= 0x10000 && c < 0x110000) {
            *code = c;
            return 4;
        }
    }
    *code = '?';
    return 1;
}

/* Decode the character that ends at `end` (> text) and return where it begins; the same as decoding from the start,
 * as long as that reads a character there. */
static inline const uint8_t *sc_decode_before(const uint8_t *text, const uint8_t *end, uint32_t *code)
{
    const uint8_t *at = end - 1;
    while (at > text && end - at < 4 && (*at & 0xC0) == 0x80) at--;
    if (at + sc_decode(at, end, code) == end) return at;
    *code = '?';
    return end - 1;
}

/* Write a character (no surrogate) and return its bytes, 1 to 4. */
static inline unsigned sc_encode(uint8_t *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (uint8_t)(0xC0 | code >> 6);
        to[1] = (uint8_t)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (uint8_t)(0xE0 | code >> 12);
        to[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        to[2] = (uint8_t)(0x80 | (code & 0x3F));
        return 3;
    }
    to[0] = (uint8_t)(0xF0 | code >> 18);
    to[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
    to[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    to[3] = (uint8_t)(0x80 | (code & 0x3F));
    return 4;
}

/* Bytes of the character that begins with this byte, in text that sc_encode wrote. */
static inline unsigned sc_width(uint8_t first)
{
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Characters in `bytes` bytes of text that sc_encode wrote. */
static inline size_t sc_characters(const uint8_t *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++) count += (text[i] & 0xC0) != 0x80;
    return count;
}

#endif
