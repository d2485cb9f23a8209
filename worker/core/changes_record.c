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


void
changes_look(struct changes *changes, const struct record_caller *caller,
    uint64_t number, uint64_t from, uint64_t limit, const char *refusal)
{
    changes_op(changes, CHANGE_LOOK, 8);
    changes_text(changes, caller->node);
    changes_text(changes, caller->id);
    changes_uint(changes, number);
    changes_text(changes, caller->by);
    changes_uint(changes, caller->all != 0);
    changes_uint(changes, from);
    changes_uint(changes, limit);
    changes_text(changes, refusal);
}


void
changes_records(struct changes *changes, const struct record_caller *caller,
    const char *conv, const char *agent, uint64_t before, uint64_t limit)
{
    changes_op(changes, CHANGE_RECORDS, 8);
    changes_text(changes, caller->node);
    changes_text(changes, caller->id);
    changes_text(changes, conv);
    changes_text(changes, agent);
    changes_text(changes, caller->by);
    changes_uint(changes, caller->all != 0);
    changes_uint(changes, before);
    changes_uint(changes, limit);
}


void
changes_earlier(struct changes *changes, const struct record_caller *caller,
    const char *visitor, uint64_t before, uint64_t limit)
{
    changes_op(changes, CHANGE_EARLIER, 5);
    changes_text(changes, caller->node);
    changes_text(changes, caller->id);
    changes_text(changes, visitor);
    changes_uint(changes, before);
    changes_uint(changes, limit);
}


void
changes_texts(struct changes *changes, const struct record_caller *caller,
    uint64_t number, const char *visitor, uint64_t after, uint64_t limit,
    const char *refusal)
{
    changes_op(changes, CHANGE_TEXTS, 9);
    changes_text(changes, caller->node);
    changes_text(changes, caller->id);
    changes_uint(changes, number);
    changes_text(changes, visitor);
    changes_text(changes, caller->by);
    changes_uint(changes, caller->all != 0);
    changes_uint(changes, after);
    changes_uint(changes, limit);
    changes_text(changes, refusal);
}


void
changes_source(struct changes *changes, const struct record_caller *caller,
    const char *source, const char *source_id, uint64_t number,
    const char *agent, const void *entry, size_t len)
{
    changes_op(changes, CHANGE_SOURCE, 8);
    changes_text(changes, caller->node);
    changes_text(changes, caller->id);
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
    changes_op(changes, CHANGE_SOURCE_EVENT, 12);
    changes_text(changes, caller->node);
    changes_text(changes, caller->id);
    changes_uint(changes, number);
    changes_text(changes, event->id);
    changes_text(changes, event->agent);
    changes_text(changes, caller->by);
    changes_uint(changes, caller->all != 0);
    changes_uint(changes, event->closes != 0);
    changes_bytes(changes, event->entry, event->len);
    changes_text(changes, event->none);
    changes_text(changes, event->closed);
    changes_text(changes, event->full);
}
