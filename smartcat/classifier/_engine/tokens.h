/* Tokens: the runs of word characters, or of anything but white space, contiguous for hashing. */
#ifndef SMARTCAT_TOKENS_H
#define SMARTCAT_TOKENS_H

#include "folding.h"

typedef enum {
    SC_WORDS, /* runs of two word characters or more, in order: "one two two " */
    SC_CHARS  /* runs without white space, each distinct one once with how often it occurs: " one two " */
} sc_analyzer;

/* The tokens of one text. With one space between neighbours, every n-gram of words is one stretch of
 * bytes, and so is every n-gram of characters padded with spaces. Token i ends at ends[i] and begins one byte
 * beyond ends[i - 1]. Offsets are relative to the text's own first byte. */
typedef struct {
    const uint8_t *text;
    const uint32_t *ends;
    const uint32_t *repeats; /* how often each occurs; NULL for words: once each */
    size_t count;
    int ascii;
} sc_tokens;

/* Tokens of many texts, one after the other. Each text is followed by SC_SLACK bytes. */
typedef struct {
    sc_array text, ends, repeats;
} sc_token_store;

/* A table of the distinct tokens of one text, reused for the next. */
typedef struct {
    sc_array slots;
    uint64_t seed;
} sc_token_table;

/* Tokenize a folded text, appending to the store. */
sc_status sc_tokenize(const sc_folded *folded, sc_analyzer analyzer, sc_token_table *table, sc_token_store *store);
void sc_token_store_free(sc_token_store *store);

static inline size_t sc_token_start(const sc_tokens *tokens, size_t token, sc_analyzer analyzer)
{
    return token ? (size_t)tokens->ends[token - 1] + 1 : analyzer == SC_CHARS;
}

#endif
