/*
 * How operations are packed, for files that have some of their own.
 *
 * Purpose:    the parts of an operation: its head, then as many elements as
 *             that says.
 * Owner:      the struct changes.
 * Invariants: those of changes.h; the caller packs exactly the elements that
 *             it has announced.
 */

#ifndef CHATDESK_CORE_CHANGES_PACK_H
#define CHATDESK_CORE_CHANGES_PACK_H

#include "core/changes.h"

void changes_op(struct changes *changes, enum change_op op,
    unsigned elements);
void changes_text(struct changes *changes, const char *text);
void changes_bytes(struct changes *changes, const void *data, size_t len);
void changes_uint(struct changes *changes, uint64_t number);

#endif /* CHATDESK_CORE_CHANGES_PACK_H */
