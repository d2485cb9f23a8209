/*
 * Unread counts; see unread.h.
 *
 * Purpose:    a ring of recent messages and what each reader has read.
 * Owner:      the caller.
 * Invariants: those of unread.h.
 */

#include "core/unread.h"


void
reader_init(struct reader *reader, const struct unread *record,
    uint8_t writer)
{
    reader->read = 0;
    reader->older = record->fallen;
    reader->writer = writer;
}


uint32_t
unread_recent(const struct unread *record, unsigned i, uint8_t *writer)
{
    unsigned  slot = (record->first + i) % UNREAD_RECENT;

    *writer = record->writer[slot];

    return record->n[slot];
}


int
unread_full(const struct unread *record)
{
    return record->count == UNREAD_RECENT;
}


void
unread_falls(const struct unread *record, struct reader *reader)
{
    uint8_t   writer;
    uint32_t  n;

    n = unread_recent(record, 0, &writer);

    if (n > reader->read && writer != reader->writer) {
        reader->older++;
    }
}


void
unread_add(struct unread *record, uint32_t n, uint8_t writer)
{
    unsigned  slot;

    if (unread_full(record)) {
        record->fallen++;
        record->fallen_last = record->n[record->first];
        record->first = (record->first + 1) % UNREAD_RECENT;
        record->count--;
    }

    slot = (record->first + record->count) % UNREAD_RECENT;
    record->n[slot] = n;
    record->writer[slot] = writer;
    record->count++;
    record->last = n;
}


int
unread_mark(const struct unread *record, struct reader *reader, uint32_t n)
{
    if (n > record->last) {
        n = record->last;
    }

    if (n <= reader->read) {
        return 0;
    }

    reader->read = n;

    if (n >= record->fallen_last) {
        reader->older = 0;

    } else if (reader->older > record->fallen_last - n) {
        reader->older = record->fallen_last - n;
    }

    return 1;
}


uint32_t
unread_count(const struct unread *record, const struct reader *reader)
{
    uint8_t   writer;
    unsigned  i;
    uint32_t  n, count = reader->older;

    for (i = record->count; i > 0; i--) {
        n = unread_recent(record, i - 1, &writer);

        if (n <= reader->read) {
            break;
        }

        count += writer != reader->writer;
    }

    return count;
}


void
unread_restart(struct unread *record)
{
    record->fallen = 0;
    record->fallen_last = record->last;
    record->first = 0;
    record->count = 0;
}
