/*
 * Operations on records; see changes_record.h.
 *
 * Purpose:    packs them.
 * Owner:      the struct changes.
 * Invariants: the elements are those that worker/redis/commit_ops.lua
 *             expects.
 */

#include "core/changes_record.h"

#include "core/changes_pack.h"


void
changes_record(struct changes *changes, uint64_t number, const void *entry,
    size_t len)
{
    changes_op(changes, CHANGE_RECORD, 2);
    changes_uint(changes, number);
    changes_bytes(changes, entry, len);
}


void
changes_recorded(struct changes *changes, uint64_t number, const char *agent,
    const char *conv, const char *visitor)
{
    changes_op(changes, CHANGE_RECORDED, 4);
    changes_uint(changes, number);
    changes_text(changes, agent);
    changes_text(changes, conv);
    changes_text(changes, visitor);
}


/* An operation that answers a caller. */

static void
record_ask(struct changes *changes, enum change_op op, unsigned elements,
    const struct record_caller *caller)
{
    changes_op(changes, op, elements);
    changes_text(changes, caller->node);
    changes_text(changes, caller->id);
}


/* Who asks, and what it may see. */

static void
record_rights(struct changes *changes, const struct record_caller *caller)
{
    changes_text(changes, caller->by);
    changes_uint(changes, caller->all != 0);
}


static void
record_page(struct changes *changes, const struct record_range *range)
{
    changes_uint(changes, range->at);
    changes_uint(changes, range->limit);
}


void
changes_look(struct changes *changes, const struct record_caller *caller,
    uint64_t number, const struct record_range *range, const char *refusal)
{
    record_ask(changes, CHANGE_LOOK, 8, caller);
    changes_uint(changes, number);
    record_rights(changes, caller);
    record_page(changes, range);
    changes_text(changes, refusal);
}


void
changes_records(struct changes *changes, const struct record_caller *caller,
    const char *conv, const char *agent, const struct record_range *range)
{
    record_ask(changes, CHANGE_RECORDS, 8, caller);
    changes_text(changes, conv);
    changes_text(changes, agent);
    record_rights(changes, caller);
    record_page(changes, range);
}


void
changes_earlier(struct changes *changes, const struct record_caller *caller,
    const char *visitor, const struct record_range *range)
{
    record_ask(changes, CHANGE_EARLIER, 5, caller);
    changes_text(changes, visitor);
    record_page(changes, range);
}


void
changes_texts(struct changes *changes, const struct record_caller *caller,
    uint64_t number, const char *visitor, const struct record_range *range,
    const char *refusal)
{
    record_ask(changes, CHANGE_TEXTS, 9, caller);
    changes_uint(changes, number);
    changes_text(changes, visitor);
    record_rights(changes, caller);
    record_page(changes, range);
    changes_text(changes, refusal);
}


void
changes_source(struct changes *changes, const struct record_caller *caller,
    const char *source, const char *source_id, uint64_t number,
    const char *agent, const void *entry, size_t len)
{
    record_ask(changes, CHANGE_SOURCE, 8, caller);
    changes_text(changes, source);
    changes_text(changes, source_id);
    changes_uint(changes, number);
    changes_text(changes, agent);
    changes_text(changes, caller->by);
    changes_bytes(changes, entry, len);
}


void
changes_source_event(struct changes *changes,
    const struct record_caller *caller, uint64_t number,
    const struct record_event *event)
{
    record_ask(changes, CHANGE_SOURCE_EVENT, 12, caller);
    changes_uint(changes, number);
    changes_text(changes, event->id);
    changes_text(changes, event->agent);
    record_rights(changes, caller);
    changes_uint(changes, event->closes != 0);
    changes_bytes(changes, event->entry, event->len);
    changes_text(changes, event->none);
    changes_text(changes, event->closed);
    changes_text(changes, event->full);
}
