/*
 * The invariants, checked after every commit on what Redis holds then.
 *
 * Purpose:    says when a rule of the desk is broken.
 * Owner:      struct sim.
 * Invariants: these, by the number that a violation is printed with:
 *
 *   S1  a conversation has one phase, the same on both sides, and is closed
 *       in Redis exactly when that phase is closed
 *   S2  the cards in the inboxes are what the phase and the memberships
 *       imply: none while waiting; one while offered; the members' while
 *       active, and the observers', and at most one offer of an ask; the
 *       members' until dismissed when closed, for a while to be wrapped up
 *   S3  nobody holds, wraps up and is offered more than the capacity, that of
 *       a channel neither, but for chats that a supervisor has come into
 *   S4  an offer stands for the queue's accept time, never longer; each one
 *       ends once
 *   S5  nobody waits for whom an able agent is free who has not refused
 *       within the time for that
 *   S6  the longest waiting of the lowest priority number goes first, to a
 *       least loaded agent; who has refused comes after who has not
 *   S7  unread, preview and times on a card equal a recount of the messages
 *       and marks
 *   S8  presence follows the sessions, with the grace
 *   S9  `me` shows state, capacity and load
 *   S10 an entity is there exactly as long as somebody needs it, at most
 *       until the conversation can no longer be read
 *   S11 an `accept` makes a member or is refused; an `end` closes when it is
 *       a member's and is refused when it is not
 *   S12 who refused is not asked again before the time for that is over, but
 *       by name
 *   S17 an ask is open only while active, its source is a member; nothing
 *       looks for somebody after its time
 *   S18 a chat is wrapped up for the queue's time, never longer
 *   S19 an agent is away for doing nothing not before the time for that
 *   S20 an agent who stays away loses the chats; each look into a chat by
 *       somebody who is no member is on record
 *   S21, S22 routing and the janitor: flows.c
 *   S23 and on: check_figures.c, check_record.c, push.c; S30: skills.c
 *
 * S4, S5, S6 and S12 stand in check_assign.c, S13 to S16 in check_notify.c.
 * That no agents' frame goes to a visitor's
 * side, that nothing is published after the close, that what is removed was
 * there, is checked as the commit is applied (redis.c); that a core built
 * anew answers alike, in shell.c.
 */

#include "check.h"

#include <stdio.h>


struct sim_register *
sim_card(struct sim *sim, int agent, const struct sim_conv *conv)
{
    return sim_register_find(&sim->agents[agent].inbox, CD_T_CARD, conv->id);
}


int
sim_card_is(const struct sim_register *card, const char *phase)
{
    return cd_str_is(cd_frame_str(&card->frame, CD_F_PHASE), phase);
}


const char *
check_phase(struct sim *sim, struct sim_conv *conv)
{
    unsigned              i;
    struct cd_str         v, d;
    struct sim_register  *reg_v, *reg_d;

    reg_v = sim_register_find(&conv->side_v, CD_T_PHASE, "phase");
    reg_d = sim_register_find(&conv->side_d, CD_T_PHASE, "phase");

    if (reg_v == NULL || reg_d == NULL) {
        sim_fail(sim, "S1: %s has no phase", conv->id);
        return "";
    }

    v = cd_frame_str(&reg_v->frame, CD_F_PHASE);
    d = cd_frame_str(&reg_d->frame, CD_F_PHASE);

    for (i = CD_PHASE_WAITING; i < CD_PHASES_MAX; i++) {
        if (cd_str_is(v, cd_phase_name(i)) && cd_str_is(d, cd_phase_name(i)))
        {
            return cd_phase_name(i);
        }
    }

    sim_fail(sim, "S1: %s has two phases", conv->id);

    return "";
}


int
check_is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}


/* Offered, active and wrap-up cards in an inbox. */

unsigned
check_load(const struct sim_agent *agent, unsigned *active)
{
    size_t                      i;
    unsigned                    load = 0;
    const struct sim_register  *card;

    *active = 0;

    for (i = 0; i < agent->inbox.count; i++) {
        card = &agent->inbox.registers[i];

        if (card->type == CD_T_CARD && !cd_frame_has(&card->frame, CD_F_SEAT))
        {
            *active += sim_card_is(card, "active");
            load += sim_card_is(card, "offered")
                    || sim_card_is(card, "wrapup");
        }
    }

    return load + *active;
}


/* S2: the card that an agent should have, NULL for none. */

static const char *
card_due(const struct sim_conv *conv, const char *phase, int agent)
{
    if (conv->member[agent] == SIM_STRANGER) {
        return NULL;
    }

    if (check_is(phase, "closed")) {
        return conv->dismissed[agent] ? NULL : "closed";
    }

    return check_is(phase, "active") || conv->member[agent] == SIM_OBSERVER
           ? phase : NULL;
}


/* Whether the card is what is due: an observer's says so. */

static int
card_fits(const struct sim_conv *conv, int agent,
    const struct sim_register *card, const char *due)
{
    return cd_frame_has(&card->frame, CD_F_SEAT)
           == (conv->member[agent] == SIM_OBSERVER)
           && (sim_card_is(card, due)
               || (check_is(due, "closed") && sim_card_is(card, "wrapup")));
}


static void
check_cards(struct sim *sim, struct sim_conv *conv, const char *phase)
{
    int                   agent, offers = 0, members = 0;
    const char           *due;
    struct sim_register  *card;

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        card = sim_card(sim, agent, conv);
        due = card_due(conv, phase, agent);
        members += conv->member[agent] == SIM_MEMBER;

        if (card != NULL && due == NULL && sim_card_is(card, "offered")
            && (check_is(phase, "offered") || conv->ask.kind != 0))
        {
            offers++;
            continue;
        }

        if ((card != NULL) != (due != NULL)
            || (due != NULL && !card_fits(conv, agent, card, due)))
        {
            sim_fail(sim, "S2: %s is %s, but the card of %s is not so",
                     conv->id, phase, sim->agents[agent].id);
        }
    }

    if (offers > 1 || (conv->ask.kind == 0
                       && offers != check_is(phase, "offered")))
    {
        sim_fail(sim, "S2: %s is %s with %d offers", conv->id, phase, offers);
    }

    if (!check_is(phase, "closed")
        && check_is(phase, "active") != (members > 0))
    {
        sim_fail(sim, "S2: %s is %s with %d members", conv->id, phase,
                 members);
    }

    if (conv->ask.kind != 0
        && (!check_is(phase, "active") || conv->ask.source < 0
            || conv->member[conv->ask.source] != SIM_MEMBER
            || (sim->batch_ticked && conv->ask.until_ms <= sim->now_ms)))
    {
        sim_fail(sim, "S17: an ask in %s, which is %s, does not hold",
                 conv->id, phase);
    }
}


/* S7: messages of others behind the mark. */

static void
check_unread(struct sim *sim, struct sim_conv *conv, int agent,
    const struct cd_frame *card)
{
    size_t    i;
    uint32_t  exact = 0, all = 0;
    uint64_t  shown = cd_frame_uint(card, CD_F_UNREAD);
    int       sure;

    for (i = conv->first; i < conv->applied; i++) {
        if (conv->messages[i].agent != agent) {
            all++;
            exact += conv->messages[i].n > conv->mark_applied[agent];
        }
    }

    sure = conv->applied - conv->first <= 64
           || conv->mark_applied[agent]
              >= conv->messages[conv->applied - 65].n
           || conv->mark_applied[agent] == 0;

    /* who was dropped as it went on may have written a last one all the same,
       as a stranger */
    if (conv->again) {
        sure = 0;
        all = (uint32_t) (conv->applied - conv->first);
    }

    if (sure ? shown != exact : shown < exact || shown > all) {
        sim_fail(sim, "S7: %s shows %llu unread to %s, counted %u of %u",
                 conv->id, (unsigned long long) shown,
                 sim->agents[agent].id, exact, all);
    }
}


static void
check_card(struct sim *sim, struct sim_conv *conv, int agent,
    const struct cd_frame *card)
{
    size_t         i;
    uint64_t       client_at = 0, reply_at = 0;
    const char    *preview = "";

    for (i = conv->first; i < conv->applied; i++) {
        preview = conv->messages[i].text;

        if (conv->messages[i].agent < 0) {
            client_at = conv->messages[i].at_ms;
        } else if (!conv->messages[i].note) {
            reply_at = conv->messages[i].at_ms;
        }
    }

    if (conv->loose) {
        return;
    }

    if (cd_frame_uint(card, CD_F_CLIENT_AT) != client_at
        || cd_frame_uint(card, CD_F_REPLY_AT) != reply_at
        || !cd_str_is(cd_frame_str(card, CD_F_PREVIEW), preview)
        || cd_frame_uint(card, CD_F_NUMBER) != conv->number)
    {
        sim_fail(sim, "S7: the card of %s is not up to date", conv->id);
    }

    if ((int) cd_frame_uint(card, CD_F_PRESENT)
        != sim->visitors[conv->visitor].present)
    {
        sim_fail(sim, "S8: the dot of %s is wrong on a card", conv->id);
    }

    if (cd_str_is(cd_frame_str(card, CD_F_PHASE), "wrapup")
        && (cd_frame_uint(card, CD_F_EXPIRES)
            != conv->closed_ms + sim->queues[conv->queue].wrapup_ms
            || (sim->batch_ticked
                && cd_frame_uint(card, CD_F_EXPIRES) <= sim->now_ms)))
    {
        sim_fail(sim, "S18: %s is wrapped up for too long", conv->id);
    }

    if (conv->member[agent] != SIM_OBSERVER) {
        check_unread(sim, conv, agent, card);
    }
}


/* The register of somebody who has not left. */

static int
here(const struct sim_register *member)
{
    return member != NULL && !cd_frame_uint(&member->frame, CD_F_GONE);
}


/* S8 on the sides, as long as it is open. */

static void
check_members(struct sim *sim, struct sim_conv *conv)
{
    int                   agent;
    struct sim_register  *v, *d;

    d = sim_register_find(&conv->side_d, CD_T_MEMBER,
                          sim_client_id(sim, conv));
    v = sim_register_find(&conv->side_v, CD_T_MEMBER,
                          sim_client_id(sim, conv));

    if (d == NULL || v == NULL
        || (int) cd_frame_uint(&d->frame, CD_F_PRESENT)
           != sim->visitors[conv->visitor].present)
    {
        sim_fail(sim, "S8: the visitor's presence in %s is wrong", conv->id);
    }

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        v = sim_register_find(&conv->side_v, CD_T_MEMBER,
                              sim->agents[agent].id);
        d = sim_register_find(&conv->side_d, CD_T_MEMBER,
                              sim->agents[agent].id);

        if (here(v) != (conv->member[agent] == SIM_MEMBER)
            || here(d) != (conv->member[agent] == SIM_MEMBER)
            || (here(v)
                && ((int) cd_frame_uint(&v->frame, CD_F_PRESENT)
                       != sim->agents[agent].person.present
                    || (int) cd_frame_uint(&d->frame, CD_F_PRESENT)
                       != sim->agents[agent].person.present)))
        {
            sim_fail(sim, "S8: %s's membership in %s is shown wrongly",
                     sim->agents[agent].id, conv->id);
        }
    }
}


static void
check_agent(struct sim *sim, int index)
{
    size_t                i;
    unsigned              active, load, barged = 0;
    const char           *state;
    struct sim_agent     *agent = &sim->agents[index];
    struct sim_register  *me;

    load = check_load(agent, &active);

    for (i = 0; i < sim->conv_count; i++) {
        barged += sim->convs[i].barged[index]
                  && sim->convs[i].member[index] == SIM_MEMBER
                  && !sim->convs[i].dismissed[index];
    }

    if (active > 0 && barged == 0 && sim->batch_ticked
        && agent->gone_at_ms != 0
        && sim->now_ms >= agent->gone_at_ms + SIM_GRACE_MS)
    {
        sim_fail(sim, "S20: %s is away and keeps chats", agent->id);
    }

    if (load > sim->profiles[agent->profile].capacity + barged) {
        sim_fail(sim, "S3: %s has %u of %u", agent->id, load,
                 sim->profiles[agent->profile].capacity);
    }

    check_channels(sim, index, barged);
    me = sim_register_find(&agent->inbox, CD_T_ME, "me");

    if (me == NULL) {
        if (agent->person.present) {
            sim_fail(sim, "S9: %s is here without `me`", agent->id);
        }
        return;
    }

    state = agent->own != NULL ? agent->own->id
                               : cd_presence_name(agent->state);

    if (!cd_str_is(cd_frame_str(&me->frame, CD_F_STATE),
                   agent->person.present ? state : "offline")
        || cd_frame_uint(&me->frame, CD_F_ACTIVE) != active
        || cd_frame_uint(&me->frame, CD_F_CAPACITY)
           != sim->core_profiles[agent->profile].capacity)
    {
        sim_fail(sim, "S9: `me` of %s is wrong", agent->id);
    }
}


static void
check_conv(struct sim *sim, struct sim_conv *conv)
{
    int                   agent, cards = 0;
    uint64_t              expires;
    const char           *phase = check_phase(sim, conv);
    struct sim_register  *card;

    if (check_is(phase, "closed") == conv->open) {
        sim_fail(sim, "S1: %s is %s, in Redis it is not", conv->id, phase);
    }

    check_cards(sim, conv, phase);

    if (check_is(phase, "active") && !check_is(conv->was, "active")) {
        conv->active_ms = sim->now_ms;
    }

    sim_flow_check(sim, conv, phase);

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        card = sim_card(sim, agent, conv);

        if (card != NULL) {
            cards++;
            check_card(sim, conv, agent, &card->frame);
        }
    }

    check_notices(sim, conv);

    if (conv->open) {
        check_members(sim, conv);
        check_offer(sim, conv);
    }

    if (check_is(phase, "waiting")
        || (conv->ask.kind != 0 && conv->ask.target < 0
            && conv->ask.until_ms > sim->now_ms
            && check_offered_to(sim, conv, &expires) < 0))
    {
        check_waiting(sim, conv);
    }

    check_place(sim, conv, phase);
    check_record(sim, conv);

    if (cards > 0 && check_is(phase, "closed") && sim->batch_ticked
        && sim->now_ms >= conv->closed_ms + sim->flow.keep_ms)
    {
        sim_fail(sim, "S10: %s should be forgotten", conv->id);
    }

    if ((conv->entity != NULL) != (conv->open || cards > 0)) {
        sim_fail(sim, "S10: %s is %s with %d cards, its entity does not fit",
                 conv->id, phase, cards);
    }
}


static void
check_accepted(struct sim *sim, struct sim_conv *conv, int agent)
{
    if ((conv == NULL || agent < 0 || conv->member[agent] != SIM_MEMBER)
        && !sim->batch_ticked && sim->batch_refused == 0)
    {
        sim_fail(sim, "S11: an accept got no answer");
    }
}


static void
check_ended(struct sim *sim, struct sim_conv *conv, int agent)
{
    int  member;

    if (conv == NULL || conv->number == 0 || conv->pending
        || check_is(conv->was, ""))
    {
        return;
    }

    member = agent >= 0
             ? conv->member[agent] == SIM_MEMBER
             : cd_str_is(cd_frame_str(&sim->batch_frame, CD_F_WHO),
                         sim_client_id(sim, conv));

    /* a tick may have ended it as well */
    if (member ? conv->open
        : !sim->batch_ticked && conv->open == check_is(conv->was, "closed"))
    {
        sim_fail(sim, "S11: an end of %s by somebody who is %sa member",
                 conv->id, member ? "" : "not ");
    }

    if (!member && sim->batch_refused == 0) {
        sim_fail(sim, "S11: an end by a stranger got no answer");
    }
}


/* When one request was applied: what has come of it. */

static void
check_answer(struct sim *sim)
{
    int                     agent;
    struct sim_conv        *conv;
    const struct cd_frame  *entry = &sim->batch_frame;
    struct cd_str           role = cd_frame_str(entry, CD_F_ROLE);

    if (sim->batch_entries != 1 || !cd_frame_has(entry, CD_F_ID)
        || (!cd_str_is(role, "agent") && !cd_str_is(role, "visitor")))
    {
        return;
    }

    conv = sim_conv_find(sim, cd_frame_str(entry, CD_F_CONV));
    agent = sim_agent_find(sim, cd_frame_str(entry, CD_F_WHO));

    if (entry->type == CD_T_ACCEPT) {
        check_accepted(sim, conv, agent);

    } else if (entry->type == CD_T_END) {
        check_ended(sim, conv, agent);
    }
}


/* For the next batch. */

static void
remember(struct sim *sim, struct sim_conv *conv)
{
    snprintf(conv->was, sizeof(conv->was), "%s", check_phase(sim, conv));
    conv->was_offered = check_offered_to(sim, conv, &conv->was_expires);
    conv->noted = 0;
}


/* Closed and dismissed by all: nothing of it changes any more. */

static int
at_rest(const struct sim_conv *conv)
{
    return conv->number == 0 || conv->pending
           || (!conv->open && conv->entity == NULL
               && check_is(conv->was, "closed"));
}


void
sim_check(struct sim *sim)
{
    int     agent;
    size_t  i;

    for (i = 0; i < sim->conv_count && sim->violations == 0; i++) {
        if (!at_rest(&sim->convs[i])) {
            check_conv(sim, &sim->convs[i]);
        }
    }

    for (agent = 0; agent < SIM_AGENTS && sim->violations == 0; agent++) {
        check_agent(sim, agent);
    }

    if (sim->audits < sim->watches) {
        sim_fail(sim, "S20: somebody watches and it is not on record");
    }

    if (sim->violations == 0) {
        check_fairness(sim);
        check_push(sim);
        check_waits(sim);
        check_templates(sim);
        check_answer(sim);
        check_figures(sim);
    }

    for (i = 0; i < sim->conv_count && sim->violations == 0; i++) {
        if (!at_rest(&sim->convs[i])) {
            remember(sim, &sim->convs[i]);

        /* a message may have opened it before the start that is on its way */
        } else if (sim->convs[i].pending) {
            sim->convs[i].was_offered = check_offered_to(sim, &sim->convs[i],
                &sim->convs[i].was_expires);
        }
    }
}
