/*
 * Waits of a queue as entities: one for each minute; see entity.h.
 *
 * Purpose:    figures go on after a takeover where they stood.
 * Owner:      the queue's struct waits is filled.
 * Invariants: those of entity.h; the waits of a queue that has gone from the
 *             settings are passed over.
 */

#include "core/entity.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/entity_map.h"
#include "core/state.h"

#define KEY_MAX  (LOGIN_MAX + 8)


void
entity_put_waits(struct desk *desk, const char *queue, unsigned slot,
    const struct waits_slot *waits)
{
    char            key[KEY_MAX];
    size_t          i, used = 0;
    struct map      map;
    struct map_out  to;

    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_uint(&to, &map, WAITS_MINUTE, waits->minute);
    map_uint(&to, &map, WAITS_SUM, waits->sum_ms);
    map_uint(&to, &map, WAITS_IN_TIME, waits->in_time);
    map_uint(&to, &map, WAITS_LOST, waits->lost);

    for (i = 0; i < WAITS_BUCKETS; i++) {
        used += waits->counts[i] > 0;
    }

    map_array(&to, &map, WAITS_COUNTS, 2 * used);

    for (i = 0; i < WAITS_BUCKETS; i++) {
        if (waits->counts[i] > 0) {
            msgpack_pack_uint64(&to.pk, i);
            msgpack_pack_uint64(&to.pk, waits->counts[i]);
        }
    }

    map_close(&to, &map);

    if (to.out.failed) {
        desk_fail(desk);
        return;
    }

    snprintf(key, sizeof(key), "%s.%u", queue, slot);
    changes_put(desk->changes, ENTITY_WAITS, key, to.out.data, to.out.len);
}


void
entity_drop_waits(struct desk *desk, const char *queue, unsigned slot)
{
    char  key[KEY_MAX];

    snprintf(key, sizeof(key), "%s.%u", queue, slot);
    changes_drop(desk->changes, ENTITY_WAITS, key);
}


/* The slot that a key names; NULL when there is no such queue. */

static struct waits_slot *
waits_named(struct desk *desk, const char *key, int *bad)
{
    char           name[LOGIN_MAX + 1];
    const char    *dot = strrchr(key, '.');
    struct queue  *queue;
    unsigned long  slot;

    if (dot == NULL || dot == key || (size_t) (dot - key) > LOGIN_MAX) {
        *bad = 1;
        return NULL;
    }

    slot = strtoul(dot + 1, NULL, 10);
    memcpy(name, key, (size_t) (dot - key));
    name[dot - key] = '\0';
    queue = queue_find(&desk->queues, name);
    *bad = slot >= WAITS_MINUTES;

    return queue != NULL && !*bad ? &queue->figures.waits.slots[slot] : NULL;
}


static int
load_counts(struct waits_slot *slot, const msgpack_object_array *list)
{
    uint32_t               i;
    const msgpack_object  *bucket, *count;

    if (list->size % 2 != 0) {
        return -1;
    }

    for (i = 0; i < list->size; i += 2) {
        bucket = &list->ptr[i];
        count = &list->ptr[i + 1];

        if (bucket->type != MSGPACK_OBJECT_POSITIVE_INTEGER
            || bucket->via.u64 >= WAITS_BUCKETS
            || count->type != MSGPACK_OBJECT_POSITIVE_INTEGER
            || count->via.u64 > UINT32_MAX)
        {
            return -1;
        }

        slot->counts[bucket->via.u64] = (uint32_t) count->via.u64;
        slot->answered += (uint32_t) count->via.u64;
    }

    return 0;
}


int
entity_load_waits(struct desk *desk, const char *key, struct fields *fields)
{
    int                 bad;
    struct waits_slot  *slot = waits_named(desk, key, &bad);

    if (slot == NULL) {
        return bad ? -1 : 0;
    }

    memset(slot, 0, sizeof(*slot));
    slot->minute = fields_uint(fields, WAITS_MINUTE, UINT64_MAX / 2, 0);
    slot->sum_ms = fields_uint(fields, WAITS_SUM, UINT64_MAX, 0);
    slot->in_time = (uint32_t) fields_uint(fields, WAITS_IN_TIME, UINT32_MAX,
                                           0);
    slot->lost = (uint32_t) fields_uint(fields, WAITS_LOST, UINT32_MAX, 0);

    return load_counts(slot, fields_list(fields, WAITS_COUNTS));
}
