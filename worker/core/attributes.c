/*
 * Attributes of the whole desk; see attributes.h.
 *
 * Purpose:    copies, sorted, and found by halving.
 * Owner:      a struct attributes owns its copies.
 * Invariants: those of attributes.h.
 */

#include "core/attributes.h"

#include <stdlib.h>
#include <string.h>

#include "core/id.h"


static int
row_compare(const void *a, const void *b)
{
    return strcmp(((const struct attribute_settings *) a)->key,
                  ((const struct attribute_settings *) b)->key);
}


static int
rows_doubled(const struct attributes *attributes)
{
    size_t  i;

    for (i = 1; i < attributes->count; i++) {
        if (row_compare(&attributes->rows[i - 1], &attributes->rows[i]) == 0) {
            return 1;
        }
    }

    return 0;
}


int
attributes_set(struct attributes *attributes,
    const struct attribute_settings *rows, size_t count)
{
    size_t  i;

    keep_init(&attributes->keep);
    attributes->count = count <= ATTRIBUTES_MAX ? count : 0;
    attributes->rows = keep_array(&attributes->keep, rows, attributes->count,
                                  sizeof(*rows));

    for (i = 0; attributes->rows != NULL && i < attributes->count; i++) {
        attributes->rows[i].key = keep_text(&attributes->keep, rows[i].key);
        attributes->rows[i].value = keep_text(&attributes->keep,
                                              rows[i].value);
    }

    if (keep_failed(&attributes->keep) || count > ATTRIBUTES_MAX) {
        attributes_free(attributes);
        return -1;
    }

    if (attributes->count > 1) {
        qsort(attributes->rows, attributes->count, sizeof(*rows),
              row_compare);
    }

    if (rows_doubled(attributes)) {
        attributes_free(attributes);
        return -1;
    }

    return 0;
}


void
attributes_free(struct attributes *attributes)
{
    keep_free(&attributes->keep);
    attributes->rows = NULL;
    attributes->count = 0;
}


const char *
attributes_find(const struct attributes *attributes, struct cd_str key)
{
    char                             text[ATTRIBUTE_KEY_MAX + 1];
    struct attribute_settings        probe = { text, NULL };
    const struct attribute_settings *row;

    if (key.len > ATTRIBUTE_KEY_MAX || attributes->count == 0) {
        return NULL;
    }

    memcpy(text, key.data, key.len);
    text[key.len] = '\0';
    row = bsearch(&probe, attributes->rows, attributes->count,
                  sizeof(probe), row_compare);

    return row != NULL ? row->value : NULL;
}
