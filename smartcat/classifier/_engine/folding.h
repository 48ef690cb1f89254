/* Folding: from a text to its folded form (lower case, accents) with one bit a byte for "word" and "not space". */
#ifndef SMARTCAT_FOLDING_H
#define SMARTCAT_FOLDING_H

#include "unicode_tables.h"

typedef struct {
    sc_array bytes; /* uint8_t: the folded text in UTF-8, and SC_SLACK further bytes */
    sc_array word;  /* uint64_t: bit i is set where byte i belongs to a word character */
    sc_array solid; /* uint64_t: the same for characters that are no white space */
    size_t length;  /* bytes of folded text */
    int ascii;      /* whether all of them are ASCII */
} sc_folded;

/* Fold a text of `length` bytes of UTF-8, at most SC_MAX_TEXT. With `form`, which is NULL for a text that is known to
 * be in form, the answer is SC_NOT_IN_FORM where it is not: found out on the way, at no cost to almost all text. */
sc_status sc_fold(const sc_unicode_tables *tables, const sc_form *form, const uint8_t *text, size_t length,
                  sc_folded *folded);
void sc_folded_trim(sc_folded *folded, size_t keep_bytes);

#endif
