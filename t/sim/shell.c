/*
 * The worker's shell, as far as the core can tell: loads, reads the log from
 * the applied position, commits, ticks, and dies at any point.
 *
 * Purpose:    drives the core; keeps beside it what the applied entries mean
 *             for presence, worked out the simple way.
 * Owner:      struct sim.
 * Invariants: a commit is atomic: a crash falls before or after it.
 */

#include "sim.h"

#include <stdio.h>

#define BATCH_MAX  12


/* What a session that begins or ends means, the simple way. */

static struct sim_person *
person_of(struct sim *sim, const struct sim_session *session)
{
    return session->is_agent ? &sim->agents[session->person].person
                             : &sim->visitors[session->person];
}


static void
session_applied(struct sim *sim, struct sim_session *session, int on)
{
    struct sim_person  *person = person_of(sim, session);

    if (session->applied == on) {
        return;
    }

    session->applied = on;
    session->focus[0] = '\0';
    session->push[0] = '\0';
    person->sessions += on ? 1 : -1;

    if (on) {
        person->present = 1;
        person->zero_at_ms = 0;
        person->absent_ms = 0;

        if (session->is_agent) {
            sim->agents[session->person].gone_at_ms = 0;
        }

    } else if (person->sessions == 0 && person->present) {
        person->zero_at_ms = sim->now_ms;
    }
}


/* 1 when the grace has just run out. */

static int
person_ticks(struct sim *sim, struct sim_person *person)
{
    if (person->zero_at_ms != 0
        && sim->now_ms >= person->zero_at_ms + CD_LIMIT_PRESENCE_GRACE_MS)
    {
        person->present = 0;
        person->zero_at_ms = 0;
        person->absent_ms = sim->now_ms;
        return 1;
    }

    return 0;
}


static struct sim_session *
session_named(struct sim *sim, struct cd_str id)
{
    size_t  i;

    for (i = sim->session_count; i > 0; i--) {
        if (cd_str_is(id, sim->sessions[i - 1].id)) {
            return &sim->sessions[i - 1];
        }
    }

    return NULL;
}


/* What a page shows, or where it is. */

static void
note_page(struct sim *sim, const struct cd_frame *frame,
    struct sim_session *session)
{
    struct cd_str  conv = cd_frame_str(frame, CD_F_CONV);

    if (frame->type == CD_T_PUSH_AT) {
        sim_note_here(sim, session, frame);

    } else if (session != NULL && session->applied) {
        snprintf(session->focus, sizeof(session->focus), "%.*s",
                 (int) conv.len, conv.data);
    }
}


static void
note_wish(struct sim *sim, const struct cd_frame *frame)
{
    int            agent = sim_agent_find(sim, cd_frame_str(frame, CD_F_WHO));
    size_t         i;
    struct cd_str  silent = cd_frame_str(frame, CD_F_SILENT);

    static const struct { const char *words; unsigned bits; } wishes[] = {
        { "", 0 },
        { "message", NOTIFY_MESSAGE },
        { "offer wait", NOTIFY_OFFER | NOTIFY_WAIT },
        { "message offer wait", NOTIFY_MESSAGE | NOTIFY_OFFER | NOTIFY_WAIT }
    };

    for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]) && agent >= 0; i++) {
        if (cd_str_is(silent, wishes[i].words)) {
            sim->agents[agent].silent = wishes[i].bits;
            sim->agents[agent].unsilenced = 1;
            sim->agents[agent].unpopped = !cd_frame_uint(frame, CD_F_POPUP);
        }
    }
}


static void
note_message(struct sim *sim, struct sim_conv *conv,
    const struct cd_frame *frame)
{
    if (conv != NULL && conv->applied < conv->message_count
        && conv->messages[conv->applied].n == frame->n)
    {
        conv->applied++;
        conv->active_ms = sim->now_ms;
    }
}


/* What an applied entry means for the simulator's own books. */

static void
note_entry(struct sim *sim, const struct cd_frame *frame)
{
    int                  agent;
    struct sim_conv     *conv;
    struct sim_session  *session;

    conv = sim_conv_find(sim, cd_frame_str(frame, CD_F_CONV));
    session = session_named(sim, cd_frame_str(frame, CD_F_SESSION));
    sim_note_deed(sim, frame);

    switch (frame->type) {

    case CD_T_BARGE:
    case CD_T_TAKEOVER:
        agent = sim_agent_find(sim, cd_frame_str(frame, CD_F_WHO));
        if (conv != NULL && agent >= 0) {
            conv->barged[agent] = 1;
            sim_note_known(conv, agent);
        }
        break;

    case CD_T_START:
        conv->since_ms = sim->now_ms;
        sim_flow_note(sim, conv, frame);

        if (conv->noted) {
            conv->queued_ms = sim->now_ms;
        }

        session_applied(sim, session, 1);
        break;

    case CD_T_ITEM:
        sim_item_note(sim, conv, frame);
        break;

    case CD_T_ONLINE:
    case CD_T_OFFLINE:
        session_applied(sim, session, frame->type == CD_T_ONLINE);
        break;

    case CD_T_PRESENCE:
        sim_note_presence(sim, frame);
        break;

    case CD_T_FOCUS:
    case CD_T_PUSH_AT:
        note_page(sim, frame, session);
        break;

    case CD_T_NOTIFY_SET:
        note_wish(sim, frame);
        break;

    case CD_T_ACCEPT:
        agent = sim_agent_find(sim, cd_frame_str(frame, CD_F_WHO));
        if (conv != NULL && agent >= 0) {
            sim_note_known(conv, agent);
        }
        break;

    case CD_T_MESSAGE:
        note_message(sim, conv, frame);
        break;

    case CD_T_MARK_SET:
        agent = sim_agent_find(sim, cd_frame_str(frame, CD_F_WHO));
        if (conv != NULL && agent >= 0
            && frame->n > conv->mark_applied[agent]
            && cd_str_is(cd_frame_str(frame, CD_F_ROLE), "agent"))
        {
            conv->mark_applied[agent] = frame->n;
        }
        break;

    default:
        break;
    }
}


/* Entries that a faulty simulator keeps from the core. */

static int
withheld(const struct sim *sim, const struct cd_frame *frame)
{
    return (sim->fault == SIM_FAULT_LOST_MARK && frame->type == CD_T_MARK_SET)
           || (sim->fault == SIM_FAULT_LOST_SESSION
               && frame->type == CD_T_ONLINE
               && cd_str_is(cd_frame_str(frame, CD_F_ROLE), "agent"))
           || (sim->fault == SIM_FAULT_LOST_FOCUS
               && frame->type == CD_T_FOCUS);
}


/* Gives entries to the core and to its twin. */

static void
apply_entries(struct sim *sim, size_t count, int note)
{
    size_t           i;
    struct cd_frame  frame;

    for (i = sim->log_applied; i < sim->log_applied + count; i++) {
        if (cd_frame_decode(&frame, sim->log[i].envelope, sim->log[i].len)
            != 0)
        {
            sim_fail(sim, "an entry does not decode");
            return;
        }

        if (note) {
            note_entry(sim, &frame);
            sim->batch_frame = frame;
            continue;
        }

        if (!withheld(sim, &frame)) {
            desk_apply(sim->desk, &frame, sim->now_ms, sim->changes);

            if (sim->twin != NULL) {
                desk_apply(sim->twin, &frame, sim->now_ms,
                           sim->twin_changes);
            }
        }
    }
}


static void
tick(struct sim *sim)
{
    desk_tick(sim->desk, sim->now_ms, sim->changes);

    if (sim->twin != NULL) {
        desk_tick(sim->twin, sim->now_ms, sim->twin_changes);
    }

    if (desk_deadline(sim->desk) <= sim->now_ms) {
        sim_fail(sim, "after a tick the desk still wants one");
    }

    sim->batch_ticked = 1;
}


static void
note_tick(struct sim *sim)
{
    int  i;

    for (i = 0; i < SIM_VISITORS; i++) {
        person_ticks(sim, &sim->visitors[i]);
    }

    for (i = 0; i < SIM_AGENTS; i++) {
        if (person_ticks(sim, &sim->agents[i].person)) {
            sim->agents[i].gone_at_ms = sim->now_ms;
        }
    }
}


/* Applies the batch under way; `entries` of the log are then behind it. */

static void
commit(struct sim *sim, size_t entries)
{
    size_t       len;
    const char  *data, *why = "";
    struct ops   ops;

    data = changes_data(sim->changes, &len);

    if (data == NULL || ops_decode(&ops, data, len, &why) != 0) {
        sim_fail(sim, "a batch cannot be committed: %s", why);
        return;
    }

    sim->commits++;

    if (sim->trace) {
        sim_trace(sim, entries, &ops);
    }

    if (sim->now_ms > sim->latest_ms) {
        sim->latest_ms = sim->now_ms;
    }

    /* the books first: what was applied is judged by them */
    apply_entries(sim, entries, 1);
    sim->batch_entries = entries;
    sim->log_applied += entries;

    if (sim->batch_ticked) {
        note_tick(sim);
    }

    sim_apply_ops(sim, &ops);

    if (sim->fault == SIM_FAULT_TWICE && sim_chance(sim, 10)) {
        sim_apply_ops(sim, &ops);
    }

    ops_free(&ops);
    changes_reset(sim->changes);
    sim_check(sim);
}


/* The process is gone; another one loads the desk. */

static void
crash(struct sim *sim)
{
    size_t  i;

    desk_free(&sim->desk);
    desk_free(&sim->twin);
    sim_push_crash(sim);
    sim->desk = sim_build(sim, sim->changes);
    sim_rounds_anew(sim);

    /* the sessions it knows are those of `online`, not of the log */
    for (i = 0; i < sim->session_count; i++) {
        session_applied(sim, &sim->sessions[i], sim->sessions[i].in_hash);
    }

    desk_flush(sim->desk, sim->changes);
    sim->batch_ticked = 0;
    commit(sim, 0);
}


/* Builds a twin; with the log applied to its end and no deadline behind it
   has nothing to say. */

static void
build_twin(struct sim *sim)
{
    if (sim->twin != NULL || !sim_at_rest(sim)) {
        return;
    }

    sim->twin = sim_build(sim, sim->twin_changes);
    desk_flush(sim->twin, sim->twin_changes);

    if (changes_count(sim->twin_changes) != 0) {
        sim_fail(sim, "a core built anew changes %zu things by itself",
                 changes_count(sim->twin_changes));
    }

    changes_reset(sim->twin_changes);
}


/* With the log read to its end: are there nodes whose lease has run out? */

static void
reap_nodes(struct sim *sim)
{
    int               i;
    size_t            s;
    struct sim_node  *node;

    for (i = 0; i < SIM_NODES; i++) {
        node = &sim->nodes[i];

        if (node->alive || sim->now_ms < node->lease_ms) {
            continue;
        }

        desk_node_gone(sim->desk, node->id, sim->now_ms, sim->changes);

        if (sim->twin != NULL) {
            desk_node_gone(sim->twin, node->id, sim->now_ms,
                           sim->twin_changes);
        }

        for (s = 0; s < sim->session_count; s++) {
            if (strcmp(sim->sessions[s].node_id, node->id) == 0) {
                session_applied(sim, &sim->sessions[s], 0);
            }
        }

        snprintf(node->id, sizeof(node->id), "n%06llu",
                 (unsigned long long) sim->ids++);
        node->alive = 1;
    }
}


static void
batch(struct sim *sim)
{
    size_t  left = sim->log_count - sim->log_applied, entries;

    sim->top_ms = sim->now_ms > sim->top_ms ? sim->now_ms : sim->top_ms;
    entries = sim_chance(sim, 50) ? 1 : 1 + sim_below(sim, BATCH_MAX);
    entries = entries < left ? entries : left;
    sim->batch_ticked = 0;

    apply_entries(sim, entries, 0);

    if (desk_deadline(sim->desk) <= sim->now_ms && sim_chance(sim, 70)) {
        tick(sim);
    }

    desk_flush(sim->desk, sim->changes);

    if (sim->twin != NULL) {
        sim_twin_compare(sim);
    }

    if (sim_chance(sim, 2)) {
        crash(sim);                     /* before the commit */
        return;
    }

    commit(sim, entries);

    if (sim_chance(sim, 2)) {
        crash(sim);                     /* after it */
    }
}


void
sim_shell_step(struct sim *sim)
{
    batch(sim);

    if (sim->log_applied != sim->log_count || sim->violations > 0) {
        return;
    }

    reap_nodes(sim);

    if (sim_chance(sim, 5)) {
        sim_settings_change(sim);
    }

    sim_push_step(sim);

    desk_flush(sim->desk, sim->changes);

    if (sim->twin != NULL) {
        sim_twin_compare(sim);

        /* what it told by rounds reached nobody: it cannot go on */
        desk_free(&sim->twin);
    }

    sim->batch_ticked = 0;
    commit(sim, 0);

    if (sim_chance(sim, 20)) {
        build_twin(sim);
    }
}


/* Applies all that is still in the log. */

void
sim_shell_drain(struct sim *sim)
{
    while (sim->log_applied != sim->log_count && sim->violations == 0) {
        batch(sim);
    }
}


void
sim_shell_init(struct sim *sim)
{
    sim->changes = changes_new();
    sim->twin_changes = changes_new();
    sim->desk = sim_build(sim, sim->changes);
    desk_flush(sim->desk, sim->changes);
    commit(sim, 0);
}
