/*
 * The crowd: settings and books; see crowd.h.
 *
 * Purpose:    makes the desk and keeps what Redis would.
 * Owner:      struct crowd.
 * Invariants: a book is open exactly while it stands in `open`.
 */

#include "crowd.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#define START_US  1700000000000000


static void
crowd_settings(struct crowd *crowd)
{
    size_t  i, q;

    for (i = 0; i < CROWD_QUEUES; i++) {
        snprintf(crowd->names[i], sizeof(crowd->names[i]), "q%zu", i);
        crowd->queues[i].id = crowd->names[i];
        crowd->queues[i].name = crowd->names[i];
        crowd->queues[i].priority = 1 + (unsigned) i % 3;
        crowd->queues[i].accept_ms = 30000;
    }

    for (i = 0; i < CROWD_PROFILES; i++) {
        snprintf(crowd->profile_names[i], sizeof(crowd->profile_names[i]),
                 "p%zu", i);
        crowd->profiles[i].id = crowd->profile_names[i];
        crowd->profiles[i].name = crowd->profile_names[i];
        crowd->profiles[i].capacity = CROWD_CAPACITY;
        crowd->profiles[i].queues = crowd->serves[i];
        crowd->profiles[i].queue_count = CROWD_SERVES;

        for (q = 0; q < CROWD_SERVES; q++) {
            crowd->serves[i][q] = crowd->names[(2 * i + q) % CROWD_QUEUES];
        }
    }

    for (i = 0; i < crowd->agents; i++) {
        snprintf(crowd->logins[i], sizeof(crowd->logins[i]), "agent.%zu", i);
        crowd->people[i].id = crowd->logins[i];
        crowd->people[i].name = crowd->logins[i];
        crowd->people[i].role = "agent";
        crowd->people[i].profile = crowd->profile_names[i % CROWD_PROFILES];
    }

    crowd->settings.name = "Bench";
    crowd->settings.default_queue = "q0";
    crowd->settings.queues = crowd->queues;
    crowd->settings.queue_count = CROWD_QUEUES;
    crowd->settings.profiles = crowd->profiles;
    crowd->settings.profile_count = CROWD_PROFILES;
    crowd->settings.agents = crowd->people;
    crowd->settings.agent_count = crowd->agents;
}


static size_t
bytes_held(void)
{
    struct mallinfo2  info = mallinfo2();

    return info.uordblks + info.hblkhd;
}


static void
crowd_begin(struct crowd *crowd)
{
    size_t           i;
    struct cd_frame  entry;

    desk_loaded(crowd->desk, crowd->now_us / 1000, crowd->changes);

    for (i = 0; i < crowd->agents; i++) {
        crowd_agent(crowd, &entry, CD_T_ONLINE, i);
        crowd_give(crowd, &entry);
    }

    crowd->first_bytes = bytes_held();

    for (i = 0; i < crowd->agents; i++) {
        crowd->first_bytes -= crowd->agent_lens[i];
    }
}


struct crowd *
crowd_new(size_t agents, size_t open)
{
    const char    *why = "";
    struct crowd  *crowd = calloc(1, sizeof(struct crowd));

    if (crowd == NULL) {
        return NULL;
    }

    crowd->agents = agents;
    crowd->target = open;
    crowd->now_us = START_US;
    crowd->random = 1;
    crowd->book_cap = open * 16;
    crowd->people = calloc(agents, sizeof(crowd->people[0]));
    crowd->logins = calloc(agents, sizeof(crowd->logins[0]));
    crowd->agent_blobs = calloc(agents, sizeof(crowd->agent_blobs[0]));
    crowd->agent_lens = calloc(agents, sizeof(crowd->agent_lens[0]));
    crowd->books = calloc(crowd->book_cap, sizeof(crowd->books[0]));
    crowd->open = calloc(crowd->book_cap, sizeof(crowd->open[0]));
    crowd->desk = desk_new();
    crowd->changes = changes_new();

    if (crowd->people == NULL || crowd->logins == NULL
        || crowd->agent_blobs == NULL || crowd->agent_lens == NULL
        || crowd->books == NULL || crowd->open == NULL
        || crowd->desk == NULL || crowd->changes == NULL)
    {
        crowd_free(&crowd);
        return NULL;
    }

    crowd_settings(crowd);

    if (desk_configure(crowd->desk, &crowd->settings, &why) != 0) {
        fprintf(stderr, "%s\n", why);
        crowd_free(&crowd);
        return NULL;
    }

    crowd_begin(crowd);

    return crowd;
}


void
crowd_free(struct crowd **owned)
{
    size_t         i;
    struct crowd  *crowd = *owned;

    for (i = 0; crowd->books != NULL && i < crowd->book_count; i++) {
        free(crowd->books[i].blob);
    }

    for (i = 0; crowd->agent_blobs != NULL && i < crowd->agents; i++) {
        free(crowd->agent_blobs[i]);
    }

    desk_free(&crowd->desk);
    changes_free(&crowd->changes);
    free(crowd->desk_blob);
    free(crowd->people);
    free(crowd->logins);
    free(crowd->agent_blobs);
    free(crowd->agent_lens);
    free(crowd->books);
    free(crowd->open);
    free(crowd);
    *owned = NULL;
}


double
crowd_bytes(const struct crowd *crowd)
{
    size_t  i, bytes = bytes_held() - crowd->first_bytes;

    for (i = 0; i < crowd->book_count; i++) {
        bytes -= crowd->books[i].blob != NULL
                 ? malloc_usable_size(crowd->books[i].blob) + 8 : 0;
    }

    for (i = 0; i < crowd->agents; i++) {
        bytes -= crowd->agent_lens[i];
    }

    return (double) bytes / (double) crowd->open_count;
}


static void
keep(char **slot, size_t *len, struct cd_str blob)
{
    free(*slot);
    *slot = malloc(blob.len);
    *len = *slot != NULL ? blob.len : 0;

    if (*slot != NULL) {
        memcpy(*slot, blob.data, blob.len);
    }
}


/* "c24000...": the number in an id of a conversation. */

static size_t
book_of(struct cd_str id)
{
    size_t  i, index = 0;

    for (i = id.len; i > 1; i--) {
        index = index * 10 + (size_t) (id.data[i - 1] - '0');
    }

    return index;
}


/* "agent.42", "i:agent.42": the number behind the dot. */

static size_t
agent_of(struct cd_str id)
{
    size_t  i, index = 0;

    for (i = 0; i < id.len; i++) {
        index = id.data[i] >= '0' && id.data[i] <= '9'
                ? index * 10 + (size_t) (id.data[i] - '0') : 0;
    }

    return index;
}


static void
note_put(struct crowd *crowd, const struct op *op)
{
    size_t  index;

    if (cd_str_is(op->text[0], "conv")) {
        index = book_of(op->text[1]);
        keep(&crowd->books[index].blob, &crowd->books[index].len,
             op->text[2]);

    } else if (cd_str_is(op->text[0], "agent")) {
        index = agent_of(op->text[1]);
        keep(&crowd->agent_blobs[index], &crowd->agent_lens[index],
             op->text[2]);

    } else if (cd_str_is(op->text[0], "desk")) {
        keep(&crowd->desk_blob, &crowd->desk_len, op->text[2]);
    }
}


static void
note_phase(struct crowd *crowd, const struct cd_frame *frame)
{
    uint32_t       last;
    struct book   *book;
    struct cd_str  phase = cd_frame_str(frame, CD_F_PHASE);

    book = &crowd->books[book_of(cd_frame_str(frame, CD_F_CONV))];

    if (cd_str_is(phase, cd_phase_name(CD_PHASE_WAITING))) {
        book->state = BOOK_WAITING;

    } else if (cd_str_is(phase, cd_phase_name(CD_PHASE_OFFERED))) {
        book->state = BOOK_OFFERED;

    } else if (cd_str_is(phase, cd_phase_name(CD_PHASE_ACTIVE))) {
        book->state = BOOK_ACTIVE;

    } else if (book->state != BOOK_CLOSED) {
        book->state = BOOK_CLOSED;
        last = crowd->open[--crowd->open_count];
        crowd->open[book->place] = last;
        crowd->books[last].place = book->place;
    }
}


/* An offer is accepted by the next entry but a few. */

static void
note_card(struct crowd *crowd, const struct op *op)
{
    size_t          index;
    struct deeds   *deeds = &crowd->deeds;

    if (!cd_str_is(cd_frame_str(&op->frame, CD_F_PHASE),
                   cd_phase_name(CD_PHASE_OFFERED)))
    {
        return;
    }

    index = book_of(cd_frame_str(&op->frame, CD_F_CONV));
    crowd->books[index].agent = (uint32_t) agent_of(op->text[0]);

    if (deeds->count < sizeof(deeds->list) / sizeof(deeds->list[0])) {
        unsigned  at = (deeds->first + deeds->count++)
                       % (sizeof(deeds->list) / sizeof(deeds->list[0]));

        deeds->list[at].type = CD_T_ACCEPT;
        deeds->list[at].book = (uint32_t) index;
    }
}


void
crowd_note(struct crowd *crowd, const struct ops *ops)
{
    size_t            i, index;
    const struct op  *op;

    for (i = 0; i < ops->count; i++) {
        op = &ops->list[i];

        if (op->code == CHANGE_PUT) {
            note_put(crowd, op);

        } else if (op->code == CHANGE_DROP
                   && cd_str_is(op->text[0], "conv"))
        {
            index = book_of(op->text[1]);
            free(crowd->books[index].blob);
            crowd->books[index].blob = NULL;

        } else if (op->code == CHANGE_REGISTER) {
            if (op->frame.type == CD_T_PHASE) {
                note_phase(crowd, &op->frame);
            } else if (op->frame.type == CD_T_CARD) {
                note_card(crowd, op);
            }
        }
    }
}
