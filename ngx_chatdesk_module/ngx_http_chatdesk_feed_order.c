/*
 * The numbering of one feed; see the header.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_feed_order.h.
 */

#include <stdlib.h>

#include "chatdesk_tables.h"
#include "ngx_http_chatdesk_feed_order.h"

#define CD_ORDER_CAP_MIN  8


static struct cd_order_held *
order_at(const struct cd_order *order, unsigned i)
{
    return &order->held[(order->first + i) & (order->cap - 1)];
}


static void
order_drop_oldest(struct cd_order *order)
{
    order->release(order_at(order, 0)->item);
    order->first = (order->first + 1) & (order->cap - 1);
    order->count--;
}


/* Index of the first held frame above n; order->count for none. */

static unsigned
order_above(const struct cd_order *order, int64_t n)
{
    unsigned  low = 0, high = order->count, middle;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (order_at(order, middle)->n > n) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }

    return low;
}


static int
order_grow(struct cd_order *order)
{
    unsigned               i, cap;
    struct cd_order_held  *held;

    cap = order->cap ? order->cap * 2 : CD_ORDER_CAP_MIN;

    held = malloc(cap * sizeof(struct cd_order_held));
    if (held == NULL) {
        return -1;
    }

    for (i = 0; i < order->count; i++) {
        held[i] = *order_at(order, i);
    }

    free(order->held);

    order->held = held;
    order->cap = cap;
    order->first = 0;

    return 0;
}


static uint32_t
order_newest(const struct cd_order *order)
{
    return order->count == 0 ? 0 : order_at(order, order->count - 1)->n;
}


/* Drops what is held of the numbers above `head` up to `newest`. */

static void
order_drop_beyond(struct cd_order *order, uint32_t head, uint32_t newest)
{
    unsigned  i, kept;

    kept = order_above(order, head);

    for (i = kept; i < order->count; i++) {
        if (order_at(order, i)->n <= newest) {
            order->release(order_at(order, i)->item);

        } else {
            *order_at(order, kept++) = *order_at(order, i);
        }
    }

    order->count = kept;
}


void
cd_order_init(struct cd_order *order, void (*release)(void *item))
{
    memset(order, 0, sizeof(*order));

    order->last = CD_ORDER_UNKNOWN;
    order->release = release;
}


void
cd_order_clear(struct cd_order *order)
{
    while (order->count > 0) {
        order_drop_oldest(order);
    }

    free(order->held);

    order->held = NULL;
    order->cap = 0;
    order->first = 0;
}


int
cd_order_live(struct cd_order *order, uint32_t n, void *item)
{
    struct cd_order_held  *held;

    if ((int64_t) n <= order->last
        || (order->count > 0 && n <= order_newest(order)))
    {
        return 0;
    }

    if (order->count == CD_LIMIT_HELD) {
        order_drop_oldest(order);
    }

    if (order->count == order->cap && order_grow(order) != 0) {
        return -1;
    }

    held = order_at(order, order->count++);
    held->n = n;
    held->item = item;

    return 1;
}


void *
cd_order_next(struct cd_order *order, uint32_t *n)
{
    unsigned  i;

    if (order->last == CD_ORDER_UNKNOWN || order->filling) {
        return NULL;
    }

    i = order_above(order, order->last);

    if (i == order->count || order_at(order, i)->n != order->last + 1) {
        return NULL;
    }

    order->last++;
    *n = (uint32_t) order->last;

    return order_at(order, i)->item;
}


int
cd_order_hole(const struct cd_order *order)
{
    unsigned  i;

    if (order->last == CD_ORDER_UNKNOWN || order->filling) {
        return 0;
    }

    i = order_above(order, order->last);

    return i < order->count && order_at(order, i)->n != order->last + 1;
}


void
cd_order_trim(struct cd_order *order)
{
    if (order->readers > 0) {
        return;
    }

    while (order->count > 0 && order_at(order, 0)->n <= order->last) {
        order_drop_oldest(order);
    }

    if (order->count == 0 && order->cap > CD_ORDER_CAP_MIN) {
        cd_order_clear(order);
    }
}


void
cd_order_fill(struct cd_order *order)
{
    order->filling = 1;
    order->newest = 0;
}


void
cd_order_sent(struct cd_order *order)
{
    order->newest = order_newest(order);
}


int
cd_order_filled(struct cd_order *order, uint32_t head, int back)
{
    int  again;

    again = 0;
    order->filling = 0;
    order->last = head;

    order_drop_beyond(order, head, order->newest);

    if (back) {
        again = order_above(order, head) < order->count;
        cd_order_clear(order);
    }

    return again;
}


void
cd_order_forget(struct cd_order *order)
{
    order->filling = 0;
    order->last = CD_ORDER_UNKNOWN;
}


void
cd_cursor_read(struct cd_order *order, struct cd_cursor *cursor)
{
    if (!cursor->reading) {
        cursor->reading = 1;
        order->readers++;
    }

    cursor->from = CD_ORDER_UNKNOWN;
    cursor->newest = 0;
}


void
cd_cursor_sent(struct cd_order *order, struct cd_cursor *cursor)
{
    cursor->from = order->last;
    cursor->newest = order_newest(order);
}


void
cd_cursor_stop(struct cd_order *order, struct cd_cursor *cursor)
{
    if (cursor->reading) {
        cursor->reading = 0;
        order->readers--;
    }
}


int
cd_cursor_window(struct cd_order *order, struct cd_cursor *cursor,
    uint32_t head)
{
    cd_cursor_stop(order, cursor);

    cursor->last = head;

    if ((int64_t) head >= order->last) {
        order_drop_beyond(order, head, cursor->newest);
    }

    if (order->last == CD_ORDER_UNKNOWN) {
        order->last = head;
        return 0;
    }

    return (int64_t) head < cursor->from;
}


void *
cd_cursor_next(struct cd_order *order, struct cd_cursor *cursor)
{
    unsigned  i;

    if (cursor->reading || cursor->last >= order->last) {
        return NULL;
    }

    i = order_above(order, cursor->last);

    if (i == order->count || order_at(order, i)->n != cursor->last + 1) {
        return NULL;
    }

    cursor->last++;

    return order_at(order, i)->item;
}


int
cd_cursor_hole(const struct cd_order *order, const struct cd_cursor *cursor)
{
    return !cursor->reading && cursor->last < order->last;
}


int
cd_cursor_takes(struct cd_cursor *cursor, uint32_t n)
{
    if (cursor->reading || (int64_t) n <= cursor->last) {
        return 0;
    }

    cursor->last = n;

    return 1;
}


enum cd_cursor_fill
cd_cursor_filled(struct cd_cursor *cursor, int64_t from, uint32_t head,
    int reset)
{
    if (cursor->reading) {
        return CD_CURSOR_SKIP;
    }

    if (reset || cursor->last == from) {
        cursor->last = head;
        return CD_CURSOR_SEND;
    }

    if (cursor->last >= (int64_t) head) {
        return CD_CURSOR_SKIP;
    }

    return CD_CURSOR_READ;
}
