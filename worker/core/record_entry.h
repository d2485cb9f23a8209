/*
 * One entry of an interaction's record: a MessagePack map with words as keys.
 *
 * Purpose:    collects what there is to say, then packs it.
 * Owner:      a struct entry lives on the stack of whoever fills it; names
 *             and texts are borrowed until it is packed.
 * Invariants: what is empty is left out; at most ENTRY_PAIRS_MAX pairs.
 */

#ifndef CHATDESK_CORE_RECORD_ENTRY_H
#define CHATDESK_CORE_RECORD_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#define ENTRY_PAIRS_MAX  24

struct entry {
    struct {
        const char *key;
        const char *text;       /* NULL: the number */
        uint64_t    number;
    } pairs[ENTRY_PAIRS_MAX];
    unsigned count;
};

/* Begins one: when, and what happened. */
void entry_open(struct entry *entry, uint64_t at_ms, const char *what);

void entry_uint(struct entry *entry, const char *key, uint64_t number);
void entry_text(struct entry *entry, const char *key, const char *text);

/* The length, 0 when it does not fit. */
size_t entry_pack(const struct entry *entry, char *out, size_t size);

#endif /* CHATDESK_CORE_RECORD_ENTRY_H */
