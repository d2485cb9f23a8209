/*
 * What the crowd does; see crowd.h.
 *
 * Purpose:    entries of the log, in the proportions of an ordinary day:
 *             of 100, about 60 messages, 10 marks, 24 of conversations that
 *             come and go, 6 of visitors' connections.
 * Owner:      struct crowd.
 * Invariants: as many conversations come as go.
 */

#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>


static unsigned
below(struct crowd *crowd, size_t n)
{
    uint64_t  x = crowd->random += 0x9e3779b97f4a7c15;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;

    return (unsigned) ((x ^ (x >> 31)) % n);
}


static void
put(struct cd_frame *frame, unsigned field, const char *text)
{
    cd_frame_set_str(frame, field, text, strlen(text));
}


/* Ids have the length of real ones, and differ as early as those do: the
   last digit comes first. */

void
crowd_id(char *out, char kind, size_t index)
{
    int  i;

    *out++ = kind;

    for (i = 0; i < CROWD_DIGITS; i++) {
        *out++ = (char) ('0' + index % 10);
        index /= 10;
    }

    *out = '\0';
}



static void
about(struct crowd *crowd, struct cd_frame *entry, unsigned type, size_t book)
{
    cd_frame_init(entry, type);
    entry->at_ms = crowd->now_us / 1000;
    crowd_id(crowd->conv, 'c', book);
    crowd_id(crowd->visitor, 'v', book);
    crowd_id(crowd->session, 's', book);
    put(entry, CD_F_CONV, crowd->conv);
    put(entry, CD_F_ID, "1");
    put(entry, CD_F_SESSION, crowd->session);
    put(entry, CD_F_NODE, "n000000000000000000001");
}


static void
by_agent(struct crowd *crowd, struct cd_frame *entry, size_t book)
{
    put(entry, CD_F_ROLE, "agent");
    put(entry, CD_F_WHO, crowd->logins[crowd->books[book].agent]);
}


static void
by_visitor(struct crowd *crowd, struct cd_frame *entry)
{
    put(entry, CD_F_ROLE, "visitor");
    put(entry, CD_F_WHO, crowd->visitor);
}


void
crowd_agent(struct crowd *crowd, struct cd_frame *entry, unsigned type,
    size_t agent)
{
    cd_frame_init(entry, type);
    entry->at_ms = crowd->now_us / 1000;
    crowd_id(crowd->session, 'a', agent);
    put(entry, CD_F_ROLE, "agent");
    put(entry, CD_F_WHO, crowd->logins[agent]);
    put(entry, CD_F_SESSION, crowd->session);
    put(entry, CD_F_NODE, "n000000000000000000001");
}


void
crowd_start(struct crowd *crowd, struct cd_frame *entry)
{
    size_t        book = crowd->book_count++;
    struct book  *new = &crowd->books[book];

    if (crowd->book_count > crowd->book_cap) {
        fprintf(stderr, "more conversations than the books hold\n");
        exit(1);
    }

    new->state = BOOK_WAITING;
    new->place = (uint32_t) crowd->open_count;
    crowd->open[crowd->open_count++] = (uint32_t) book;

    about(crowd, entry, CD_T_START, book);
    by_visitor(crowd, entry);
    put(entry, CD_F_NAME, "Maria Fernandes");
    put(entry, CD_F_EMAIL, "maria.fernandes@example.org");
    put(entry, CD_F_PAGE, "https://shop.example/category/shoes/item-4711");
    put(entry, CD_F_TITLE, "Running shoes, size 42 - The Shop");
    put(entry, CD_F_LANG, "pt-BR");
    put(entry, CD_F_QUEUE, crowd->names[below(crowd, CROWD_QUEUES)]);
}


/* A message in a conversation that is open; from an agent if it has one. */

static void
draw_message(struct crowd *crowd, struct cd_frame *entry, size_t at)
{
    struct book  *book = &crowd->books[at];

    about(crowd, entry, CD_T_MESSAGE, at);
    entry->n = ++book->n;
    entry->v = entry->n;
    put(entry, CD_F_MID, "q3J8n2Vb0sKxYfLw7mTzAe.5");
    put(entry, CD_F_TEXT, "Good morning, I would like to know where my "
                          "parcel is; it should have come on Tuesday.");

    if (book->state == BOOK_ACTIVE && below(crowd, 2) == 0) {
        put(entry, CD_F_ROLE, "agent");
        put(entry, CD_F_FROM, crowd->logins[book->agent]);
    } else {
        put(entry, CD_F_ROLE, "visitor");
        put(entry, CD_F_FROM, crowd->visitor);
    }
}


static void
deeds_add(struct deeds *deeds, unsigned type, size_t book)
{
    unsigned  cap = sizeof(deeds->list) / sizeof(deeds->list[0]);
    unsigned  at = (deeds->first + deeds->count) % cap;

    if (deeds->count < cap) {
        deeds->list[at].type = type;
        deeds->list[at].book = (uint32_t) book;
        deeds->count++;
    }
}


/* What was put off: an accept, a dismiss, a start. */

static int
draw_next(struct crowd *crowd, struct cd_frame *entry)
{
    size_t         book;
    unsigned       type;
    struct deeds  *deeds = &crowd->deeds;

    if (deeds->count == 0 || below(crowd, 100) >= 40) {
        return 0;
    }

    type = deeds->list[deeds->first].type;
    book = deeds->list[deeds->first].book;
    deeds->first = (deeds->first + 1)
                   % (sizeof(deeds->list) / sizeof(deeds->list[0]));
    deeds->count--;

    if (type == CD_T_START) {
        crowd_start(crowd, entry);
    } else {
        about(crowd, entry, type, book);
        by_agent(crowd, entry, book);
    }

    return 1;
}


void
crowd_draw(struct crowd *crowd, struct cd_frame *entry)
{
    size_t    at = crowd->open[below(crowd, crowd->open_count)];
    unsigned  deed = below(crowd, 100);

    crowd->now_us += CROWD_EVENT_US;

    if (draw_next(crowd, entry)) {
        return;
    }

    if (deed < 8 && crowd->books[at].state == BOOK_ACTIVE) {
        about(crowd, entry, CD_T_END, at);
        by_agent(crowd, entry, at);
        deeds_add(&crowd->deeds, CD_T_DISMISS, at);
        deeds_add(&crowd->deeds, CD_T_START, 0);

    } else if (deed < 21 && crowd->books[at].state == BOOK_ACTIVE) {
        about(crowd, entry, CD_T_MARK_SET, at);
        by_agent(crowd, entry, at);
        entry->n = crowd->books[at].n;

    } else if (deed < 29) {
        about(crowd, entry, deed % 2 ? CD_T_ONLINE : CD_T_OFFLINE, at);
        by_visitor(crowd, entry);

    } else {
        draw_message(crowd, entry, at);
    }
}
