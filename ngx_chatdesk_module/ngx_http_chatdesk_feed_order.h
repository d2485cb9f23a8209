/*
 * The numbering of one feed inside an nginx worker: what is passed on, what
 * is held, what has to be read.  Plain C, no I/O.
 *
 *   live frame n     n <= last          dropped
 *                    n == last + 1      passed on to every cursor
 *                    n >  last + 1      held: a hole, which a fill closes
 *
 * A feed passes frames on in order up to `last`.  A cursor is a follower's
 * place: it takes what is passed on, unless it reads a window of its own;
 * then the feed holds what it passes on, and after the window the cursor
 * takes the rest from there.  A cursor whose window was newer than the feed
 * is ahead and skips what it has.  A fill is one window for all cursors.
 *
 * Purpose:    every cursor gets each number exactly once and in order.
 * Owner:      the feed embeds the order and owns the frames held in it; a
 *             follower embeds its cursor.
 * Invariants: 1. `last` only grows, but for a reset and forget().
 *             2. Held numbers are unique and grow.
 *             3. A cursor that does not read is at or ahead of `last`, or
 *                is made to read in the same call of the feed.
 *             4. A frame that was held when a window was asked for and that
 *                lies beyond the window's head is of no numbering that Redis
 *                knows, and is dropped: a window always closes its hole.
 *             5. What a cursor may still need is held, or its loss is seen
 *                as a hole: the ring drops its oldest frame when it is full.
 */

#ifndef NGX_HTTP_CHATDESK_FEED_ORDER_H
#define NGX_HTTP_CHATDESK_FEED_ORDER_H

#include <stddef.h>
#include <stdint.h>

#define CD_ORDER_UNKNOWN  (-1)


struct cd_order_held {
    uint32_t   n;
    void      *item;
};

struct cd_order {
    int64_t                last;        /* CD_ORDER_UNKNOWN before a window */
    unsigned               readers;     /* cursors that read */
    unsigned               filling;     /* a fill is wanted or under way */
    uint32_t               newest;      /* number held as the fill left */

    struct cd_order_held  *held;        /* ring; owned */
    unsigned               cap;         /* power of two */
    unsigned               first;
    unsigned               count;

    void                 (*release)(void *item);
};

struct cd_cursor {
    int64_t                last;        /* what the follower has */
    int64_t                from;        /* order's last as the read left */
    uint32_t               newest;      /* number held at that time */
    unsigned               reading;
};

/* what a fill means for one cursor */
enum cd_cursor_fill {
    CD_CURSOR_SKIP = 1,         /* has it, or reads by itself */
    CD_CURSOR_SEND = 2,         /* gets the window of the fill */
    CD_CURSOR_READ = 3          /* stands in between: reads by itself */
};


void cd_order_init(struct cd_order *order, void (*release)(void *item));

/* Releases all that is held. */
void cd_order_clear(struct cd_order *order);

/*
 * A numbered frame has come.  1: taken, the order owns `item`; 0: old, the
 * caller keeps it; -1: no memory, the caller keeps it and starts a fill.
 */
int cd_order_live(struct cd_order *order, uint32_t n, void *item);

/*
 * The next frame to pass on, borrowed until cd_order_trim(); NULL when there
 * is none.  Call until NULL, then cd_order_hole(), then cd_order_trim().
 */
void *cd_order_next(struct cd_order *order, uint32_t *n);

/* Whether frames are held that do not follow `last`: a fill is needed. */
int cd_order_hole(const struct cd_order *order);

/* Releases what nobody needs any more. */
void cd_order_trim(struct cd_order *order);

/* A fill begins: nothing is passed on until cd_order_filled(). */
void cd_order_fill(struct cd_order *order);

/* The request for the fill leaves for Redis now. */
void cd_order_sent(struct cd_order *order);

/*
 * A fill has brought the feed to `head`.  `back`: the numbering has begun
 * anew, so that what is held belongs to nobody.  Returns 1 when the fill has
 * to be made again.
 */
int cd_order_filled(struct cd_order *order, uint32_t head, int back);

/* The place is not known any more; the next window of a cursor tells. */
void cd_order_forget(struct cd_order *order);

/* The cursor begins to read; a read may begin again before it has ended. */
void cd_cursor_read(struct cd_order *order, struct cd_cursor *cursor);

/* Its request leaves for Redis now. */
void cd_cursor_sent(struct cd_order *order, struct cd_cursor *cursor);

/* The follower goes, or its read is given up. */
void cd_cursor_stop(struct cd_order *order, struct cd_cursor *cursor);

/*
 * The cursor's window has come.  Returns 1 when Redis is behind what had
 * been passed on before it was asked: its numbering has begun anew and the
 * feed has to be filled.
 */
int cd_cursor_window(struct cd_order *order, struct cd_cursor *cursor,
    uint32_t head);

/* The next frame that was passed on while the cursor read; as
   cd_order_next(), then cd_cursor_hole(). */
void *cd_cursor_next(struct cd_order *order, struct cd_cursor *cursor);

/* Whether the cursor lacks frames that are not held: it reads again. */
int cd_cursor_hole(const struct cd_order *order,
    const struct cd_cursor *cursor);

/* Whether a frame that is passed on now goes to this cursor. */
int cd_cursor_takes(struct cd_cursor *cursor, uint32_t n);

/* What a fill of from + 1 to head means for this cursor. */
enum cd_cursor_fill cd_cursor_filled(struct cd_cursor *cursor, int64_t from,
    uint32_t head, int reset);


#endif /* NGX_HTTP_CHATDESK_FEED_ORDER_H */
