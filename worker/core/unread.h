/*
 * Who wrote which numbers of a desk side, and how many of them somebody has
 * not read.
 *
 * Purpose:    exact unread counts without keeping every message.
 * Owner:      a conversation owns its record, a seat its reader.
 * Invariants: numbers in the record rise; the record holds the last
 *             UNREAD_RECENT messages.
 *
 * Of messages older than those only their count is kept, for each reader the
 * number of them that it has not read (`older`).  A mark at or behind the
 * last of them clears it, so the count is exact as long as a reader reads to
 * the end or stays within the recent ones.  A mark in the midst of older
 * messages cannot be resolved; the count is then the least upper bound that
 * is known, and the next mark further on puts it right.
 */

#ifndef CHATDESK_CORE_UNREAD_H
#define CHATDESK_CORE_UNREAD_H

#include <stdint.h>

#define UNREAD_RECENT  64

/* senders, as they are told apart within one conversation */
#define WRITER_VISITOR   0
#define WRITER_AGENT     1      /* the first agent; counted up to ... */
#define WRITER_AGENTS    250    /* ... this one */
#define WRITER_STRANGER  254    /* somebody who is no member any more */
#define WRITER_NOBODY    255    /* a reader who has written nothing */

struct unread {
    uint32_t last;              /* number of the newest message */
    uint32_t fallen;            /* messages that are not recent any more */
    uint32_t fallen_last;       /* number of the newest of them */
    uint32_t n[UNREAD_RECENT];  /* ring */
    uint8_t  writer[UNREAD_RECENT];
    uint8_t  first;
    uint8_t  count;
};

struct reader {
    uint32_t read;              /* highest number that it has read */
    uint32_t older;             /* unread among the fallen */
    uint8_t  writer;            /* as whom it writes itself */
};

/* One that has read nothing and written nothing so far. */
void reader_init(struct reader *reader, const struct unread *record,
    uint8_t writer);

/* The n-th recent message, oldest first. */
uint32_t unread_recent(const struct unread *record, unsigned i,
    uint8_t *writer);

/* Nothing so far is unread by anybody any more; numbers go on. */
void unread_restart(struct unread *record);

int unread_full(const struct unread *record);

/* The oldest recent message is about to fall out: called for each reader,
   then unread_add() drops it. */
void unread_falls(const struct unread *record, struct reader *reader);
void unread_add(struct unread *record, uint32_t n, uint8_t writer);

/* Raises the mark, never beyond the newest message; 1 when it rose. */
int unread_mark(const struct unread *record, struct reader *reader,
    uint32_t n);
uint32_t unread_count(const struct unread *record,
    const struct reader *reader);

#endif /* CHATDESK_CORE_UNREAD_H */
