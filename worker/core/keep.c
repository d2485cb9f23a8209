/*
 * Copies that live and die together; see keep.h.
 *
 * Purpose:    one list of allocations.
 * Owner:      the struct keep.
 * Invariants: those of keep.h.
 */

#include "core/keep.h"

#include <stdlib.h>
#include <string.h>

struct keep_block {
    struct keep_block *before;
    max_align_t        bytes[];
};


void
keep_init(struct keep *keep)
{
    keep->last = NULL;
    keep->failed = 0;
}


void
keep_free(struct keep *keep)
{
    struct keep_block  *block;

    while ((block = keep->last) != NULL) {
        keep->last = block->before;
        free(block);
    }
}


int
keep_failed(const struct keep *keep)
{
    return keep->failed;
}


void *
keep_array(struct keep *keep, const void *from, size_t count, size_t size)
{
    struct keep_block  *block;

    block = keep->failed
            ? NULL : malloc(sizeof(struct keep_block) + (count + 1) * size);

    if (block == NULL) {
        keep->failed = 1;
        return NULL;
    }

    block->before = keep->last;
    keep->last = block;

    if (count > 0) {
        memcpy(block->bytes, from, count * size);
    }

    return block->bytes;
}


const char *
keep_text(struct keep *keep, const char *text)
{
    return text != NULL ? keep_array(keep, text, strlen(text) + 1, 1) : NULL;
}
