/*
 * The invariants of notices.
 *
 * Purpose:    judges by the entries that were applied and by the inboxes.
 * Owner:      struct sim; its books on what was told, in sim_conv and
 *             sim_queue.
 * Invariants: these, by the number that a violation is printed with:
 *
 *   S13 the last message of others, when it is neither read nor in focus nor
 *       silenced, was told of, at the latest when the interval has passed
 *   S14 two notices of messages in one conversation to one agent, and two
 *       of waits in one queue, lie at least the interval apart
 *   S15 a notice stands for an offer that stands, or for a last message that
 *       is another's, not read, not in focus and not silenced; when it was
 *       told its count and preview were those of the card
 *   S16 a notice of waits stands exactly while somebody waits too long
 *   S17 a notice of a hand stands only while one is raised, and to nobody
 *       who is in the conversation
 */

#include "check.h"

#include <stdio.h>


struct sim_told *
sim_told(struct sim *sim, int agent, struct cd_str about)
{
    int               q;
    struct cd_str     queue = { about.data + 6, about.len - 6 };
    struct cd_str     hand = { about.data + 5, about.len - 5 };
    struct sim_conv  *conv = sim_conv_find(sim, about);

    if (conv != NULL) {
        return &conv->told[agent];
    }

    if (about.len > 5 && memcmp(about.data, "hand.", 5) == 0) {
        conv = sim_conv_find(sim, hand);
        return conv != NULL ? &conv->hand_told[agent] : NULL;
    }

    for (q = 0; q < SIM_QUEUES && about.len > 6; q++) {
        if (cd_str_is(queue, sim->queues[q].id)) {
            return &sim->queue_told[q][agent];
        }
    }

    return NULL;
}


/* A notice goes out: the rate, and the books. */

void
sim_notice(struct sim *sim, int agent, const struct cd_frame *notice)
{
    struct cd_str     about = cd_frame_str(notice, CD_F_ABOUT);
    struct sim_conv  *conv = sim_conv_find(sim, about);
    struct sim_told  *told = sim_told(sim, agent, about);

    if (told == NULL) {
        sim_fail(sim, "a notice about nothing that there is");
        return;
    }

    if (cd_str_is(cd_frame_str(notice, CD_F_KIND), "offer")) {
        return;
    }

    /* when the clock is put back, what has run out stays forgotten */
    if (told->at_ms != 0
        && sim->latest_ms < told->at_ms + sim->interval_ms)
    {
        sim_fail(sim, "S14: two notices to %s within the interval",
                 sim->agents[agent].id);
    }

    told->at_ms = sim->now_ms;
    told->commit = sim->commits;

    if (conv != NULL && conv->applied > 0) {
        told->n = conv->messages[conv->applied - 1].n;
    }
}


static int
in_focus(const struct sim *sim, int agent, const struct sim_conv *conv)
{
    size_t                     i;
    const struct sim_session  *session;

    for (i = 0; i < sim->session_count; i++) {
        session = &sim->sessions[i];

        if (session->applied && session->is_agent && session->person == agent
            && session->focus[0] != '\0'
            && check_is(session->focus, conv->id))
        {
            return 1;
        }
    }

    return 0;
}


/* The last message, when the agent should know of it; NULL else. */

static const struct sim_message *
news_of(const struct sim *sim, const struct sim_conv *conv, int agent)
{
    const struct sim_message  *last;

    if (conv->applied == 0) {
        return NULL;
    }

    last = &conv->messages[conv->applied - 1];

    return last->agent != agent && last->n > conv->mark_applied[agent]
           && !in_focus(sim, agent, conv)
           && !(sim->agents[agent].silent & NOTIFY_MESSAGE) ? last : NULL;
}


static void
check_told(struct sim *sim, const struct sim_conv *conv, int agent,
    const struct sim_message *last)
{
    uint64_t                due;
    const struct sim_told  *told = &conv->told[agent];

    due = told->at_ms != 0 ? told->at_ms + sim->interval_ms : 0;

    if (last->n > told->n && last->n > conv->known[agent]
        && sim->now_ms >= due && (sim->batch_ticked || due == 0))
    {
        sim_fail(sim, "S13: %s was not told of message %u in %s",
                 sim->agents[agent].id, last->n, conv->id);
    }
}


static void
check_notice(struct sim *sim, const struct sim_conv *conv, int agent,
    const struct sim_register *card, const struct cd_frame *notice)
{
    struct cd_str  text;

    if (card == NULL) {
        sim_fail(sim, "S15: a notice of %s stands without a card", conv->id);
        return;
    }

    if (cd_str_is(cd_frame_str(notice, CD_F_KIND), "offer")) {
        if (!sim_card_is(card, "offered")
            || cd_frame_uint(notice, CD_F_EXPIRES)
               != cd_frame_uint(&card->frame, CD_F_EXPIRES))
        {
            sim_fail(sim, "S15: the notice of an offer of %s stands without "
                     "it", conv->id);
        }
        return;
    }

    if (sim_card_is(card, "offered") || news_of(sim, conv, agent) == NULL) {
        sim_fail(sim, "S15: a notice to %s stands for what is known of %s",
                 sim->agents[agent].id, conv->id);
    }

    text = cd_frame_str(&card->frame, CD_F_PREVIEW);

    if (conv->told[agent].commit == sim->commits
        && (cd_frame_uint(notice, CD_F_COUNT)
               != cd_frame_uint(&card->frame, CD_F_UNREAD)
            || cd_frame_str(notice, CD_F_PREVIEW).len != text.len
            || memcmp(cd_frame_str(notice, CD_F_PREVIEW).data, text.data,
                      text.len)
               != 0))
    {
        sim_fail(sim, "S15: a notice of %s says something else than its card",
                 conv->id);
    }
}


/* S17; `card` may be that of one who watches. */

static void
check_hand(struct sim *sim, struct sim_conv *conv, int agent,
    const struct sim_register *card)
{
    int                   other;
    char                  key[64];
    struct sim_register  *shown;

    snprintf(key, sizeof(key), "hand.%s", conv->id);

    if (sim_register_find(&sim->agents[agent].inbox, CD_T_NOTICE, key)
        == NULL)
    {
        return;
    }

    if (card != NULL
        && (sim_card_is(card, "active")
            || cd_frame_has(&card->frame, CD_F_SEAT)))
    {
        sim_fail(sim, "S17: %s is told of a hand in %s and is there",
                 sim->agents[agent].id, conv->id);
    }

    for (other = 0; other < SIM_AGENTS; other++) {
        shown = sim_card(sim, other, conv);

        if (shown != NULL && cd_frame_uint(&shown->frame, CD_F_HAND) != 0) {
            return;
        }
    }

    sim_fail(sim, "S17: a notice of a hand in %s, which is down", conv->id);
}


void
check_notices(struct sim *sim, struct sim_conv *conv)
{
    int                        agent;
    struct sim_register       *card, *notice;
    const struct sim_message  *last;

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        card = sim_card(sim, agent, conv);
        check_hand(sim, conv, agent, card);

        /* who watches is told of nothing */
        if (card != NULL && cd_frame_has(&card->frame, CD_F_SEAT)) {
            card = NULL;
        }

        notice = sim_register_find(&sim->agents[agent].inbox, CD_T_NOTICE,
                                   conv->id);

        if (notice != NULL) {
            check_notice(sim, conv, agent, card, &notice->frame);
        }

        last = card != NULL && !sim_card_is(card, "offered")
               ? news_of(sim, conv, agent) : NULL;

        if (last != NULL) {
            check_told(sim, conv, agent, last);
        }

        if (card != NULL && sim_card_is(card, "offered") && notice == NULL
            && !(sim->agents[agent].silent & NOTIFY_OFFER))
        {
            sim_fail(sim, "S13: %s was not told of the offer of %s",
                     sim->agents[agent].id, conv->id);
        }
    }
}


/* Somebody waits too long; `unseen`, and has since the last notice. */

static int
waits_long(struct sim *sim, int q, uint64_t now)
{
    size_t            i;
    struct sim_conv  *conv;

    for (i = 0; i < sim->conv_count; i++) {
        conv = &sim->convs[i];

        if (conv->number != 0 && conv->queue == q && conv->open
            && check_is(check_phase(sim, conv), "waiting")
            && conv->since_ms + sim->queues[q].wait_alert_ms <= now)
        {
            return 1;
        }
    }

    return 0;
}


static int
is_told_of(const struct sim *sim, int agent, int q)
{
    const struct sim_agent  *one = &sim->agents[agent];

    return sim->queues[q].wait_alert_ms != 0
           && !check_is(sim->agent_settings[agent].role, "agent")
           && sim->serves[one->profile][q] && !(one->silent & NOTIFY_WAIT);
}


void
check_waits(struct sim *sim)
{
    int                   q, agent, due, ever;
    char                  key[32];
    uint64_t              top;
    struct sim_told      *told;
    struct sim_register  *notice;

    for (q = 0; q < SIM_QUEUES; q++) {
        top = sim->now_ms;

        for (agent = 0; agent < SIM_AGENTS; agent++) {
            told = &sim->queue_told[q][agent];
            top = told->at_ms > top ? told->at_ms : top;
        }

        ever = waits_long(sim, q, top);
        snprintf(key, sizeof(key), "queue.%s", sim->queues[q].id);

        for (agent = 0; agent < SIM_AGENTS; agent++) {
            notice = sim_register_find(&sim->agents[agent].inbox,
                                       CD_T_NOTICE, key);
            told = &sim->queue_told[q][agent];
            due = is_told_of(sim, agent, q);

            /* a clock that was put back takes nothing back */
            if (notice != NULL
                && (!due || (!ever && sim->now_ms >= sim->latest_ms)))
            {
                sim_fail(sim, "S16: a notice of waits in %s stands to %s",
                         sim->queues[q].id, sim->agents[agent].id);
            }

            if (notice == NULL && due && waits_long(sim, q, sim->now_ms)
                && sim->batch_ticked && !sim->agents[agent].unsilenced
                && sim->now_ms >= top + sim->interval_ms)
            {
                sim_fail(sim, "S16: %s was not told of waits in %s",
                         sim->agents[agent].id, sim->queues[q].id);
            }
        }
    }
}
