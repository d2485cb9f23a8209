/*
 * What Redis keeps: the log, the feeds with their registers, entities,
 * memberships.
 *
 * Purpose:    applies a commit as docs/bus.md says, all of it or, when an
 *             operation makes no sense, as a violation.
 * Owner:      struct sim.
 * Invariants: the operations of one commit are applied in their order.
 */

#include "sim.h"

#include <stdio.h>
#include <stdlib.h>

static void
str_copy(char *out, size_t cap, struct cd_str str)
{
    snprintf(out, cap, "%.*s", (int) str.len, str.data);
}


void
sim_log(struct sim *sim, const struct cd_frame *frame)
{
    char    buf[4096];
    size_t  len;

    len = cd_frame_encode(frame, buf, sizeof(buf));

    if (len == 0) {
        sim_fail(sim, "the simulator made an entry that does not fit");
        return;
    }

    if (sim->log_count == sim->log_cap) {
        sim->log_cap = sim->log_cap * 2 + 64;
        sim->log = realloc(sim->log, sim->log_cap * sizeof(sim->log[0]));
    }

    sim->log[sim->log_count].envelope = malloc(len);
    memcpy(sim->log[sim->log_count].envelope, buf, len);
    sim->log[sim->log_count].len = len;
    sim->log_count++;
    sim->events++;
}


struct sim_conv *
sim_conv_find(struct sim *sim, struct cd_str id)
{
    size_t  i;

    for (i = sim->conv_count; i > 0; i--) {
        if (cd_str_is(id, sim->convs[i - 1].id)) {
            return &sim->convs[i - 1];
        }
    }

    return NULL;
}


int
sim_agent_find(struct sim *sim, struct cd_str id)
{
    int  i;

    for (i = 0; i < SIM_AGENTS; i++) {
        if (cd_str_is(id, sim->agents[i].id)) {
            return i;
        }
    }

    return -1;
}


/* The conversation of a feed "v:", "d:" or "b:". */

static struct sim_conv *
side_of(struct sim *sim, struct cd_str feed, int *v, int *d)
{
    struct cd_str  id = { feed.data + 2, feed.len - 2 };

    if (feed.len < 3 || feed.data[1] != ':') {
        return NULL;
    }

    *v = feed.data[0] == 'v' || feed.data[0] == 'b';
    *d = feed.data[0] == 'd' || feed.data[0] == 'b';

    return *v || *d ? sim_conv_find(sim, id) : NULL;
}


/* Only these ever reach a visitor's side from the core. */

static void
check_visible(struct sim *sim, const struct op *op)
{
    size_t         i;
    struct cd_str  role = cd_frame_str(&op->frame, CD_F_ROLE);
    struct cd_str  what = cd_frame_str(&op->frame, CD_F_WHAT);
    static const char *const  hidden[] = {
        "invited", "handing", "returned", "hand_up", "hand_down"
    };

    for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (cd_str_is(what, hidden[i])) {
            sim_fail(sim, "%s goes to a visitor's side", hidden[i]);
        }
    }

    /* what the desk itself says */
    if (op->frame.type == CD_T_MESSAGE && cd_str_is(role, "system")) {
        return;
    }

    if (op->frame.type != CD_T_EVENT && op->frame.type != CD_T_MEMBER
        && op->frame.type != CD_T_PHASE && op->frame.type != CD_T_PLACE)
    {
        sim_fail(sim, "a %s frame goes to a visitor's side",
                 cd_frame_row(op->frame.type)->name);
    }

    if (cd_frame_has(&op->frame, CD_F_TEXT)
        || cd_frame_has(&op->frame, CD_F_PREVIEW)
        || cd_frame_has(&op->frame, CD_F_EMAIL)
        || cd_frame_has(&op->frame, CD_F_NOTE)
        || cd_frame_has(&op->frame, CD_F_FROM))
    {
        sim_fail(sim, "an agents' field goes to a visitor's side");
    }
}


/* Interactions are numbered in the order in which they open. */

static void
note_opened(struct sim *sim, struct sim_conv *conv,
    const struct cd_frame *frame)
{
    if (frame->type == CD_T_EVENT
        && cd_str_is(cd_frame_str(frame, CD_F_WHAT), "opened"))
    {
        if (conv->refused) {
            sim_fail(sim, "S21: %s should have been refused", conv->id);
        }
        conv->earlier = conv->number;
        conv->number = sim->next_number++;
        memset(conv->refused_seen, 0, sizeof(conv->refused_seen));
    }
}


static void
apply_side(struct sim *sim, const struct op *op)
{
    int               v, d;
    char              key[80];
    struct sim_conv  *conv = side_of(sim, op->text[0], &v, &d);

    if (conv == NULL) {
        sim_fail(sim, "a frame for a feed that there is not");
        return;
    }

    if (conv->closes > 0) {
        sim_fail(sim, "a frame for %s after it was closed", conv->id);
    }

    if (v) {
        check_visible(sim, op);
    }

    if (op->code == CHANGE_STORED) {
        note_opened(sim, conv, &op->frame);
        sim_flow_ended(sim, conv, &op->frame);
        conv->side_v.head += (uint32_t) v;
        conv->side_d.head += (uint32_t) d;
        return;
    }

    str_copy(key, sizeof(key), op->text[2]);

    /* back in its queue: it waits anew */
    if (op->frame.type == CD_T_PHASE && conv->queued_ms == 0
        && (cd_str_is(cd_frame_str(&op->frame, CD_F_PHASE), "waiting")
            || cd_str_is(cd_frame_str(&op->frame, CD_F_PHASE), "offered")))
    {
        conv->queued_ms = sim->now_ms;
    }

    if (v) {
        sim_register_set(sim, &conv->side_v, key, op);
    }
    if (d) {
        sim_register_set(sim, &conv->side_d, key, op);
    }
}


static struct sim_feed *
inbox_of(struct sim *sim, struct cd_str feed, int *agent)
{
    struct cd_str  id = { feed.data + 2, feed.len - 2 };

    if (feed.len < 3 || feed.data[0] != 'i') {
        return NULL;
    }

    *agent = sim_agent_find(sim, id);

    return *agent >= 0 ? &sim->agents[*agent].inbox : NULL;
}


/* Figures on the feed of the whole desk. */

static void
apply_figures(struct sim *sim, const struct op *op)
{
    char  key[80];

    str_copy(key, sizeof(key), op->text[2]);

    if (op->frame.type != CD_T_FIGURES
        || !cd_str_is(cd_frame_str(&op->frame, CD_F_QUEUE_ID), key))
    {
        sim_fail(sim, "a %s frame on the feed of figures",
                 cd_frame_row(op->frame.type)->name);
        return;
    }

    if (sim->fault != SIM_FAULT_LOST_FIGURES
        || sim_register_find(&sim->group, CD_T_FIGURES, key) == NULL)
    {
        sim_register_set(sim, &sim->group, key, op);
    }
}


static void
apply_register(struct sim *sim, const struct op *op)
{
    int               agent;
    char              key[80];
    struct sim_feed  *inbox = inbox_of(sim, op->text[0], &agent);

    if (cd_str_is(op->text[0], "g:queues")) {
        apply_figures(sim, op);
        return;
    }

    if (inbox == NULL) {
        apply_side(sim, op);
        return;
    }

    if (op->frame.type != CD_T_CARD && op->frame.type != CD_T_ME
        && op->frame.type != CD_T_NOTICE && op->frame.type != CD_T_NOTIFY
        && op->frame.type != CD_T_TEMPLATES)
    {
        sim_fail(sim, "a %s frame in an inbox",
                 cd_frame_row(op->frame.type)->name);
    }

    if (sim_is_lost(sim, &op->frame)) {
        return;
    }

    if (op->frame.type == CD_T_NOTICE) {
        sim_notice(sim, agent, &op->frame);
    }

    if (sim->fault == SIM_FAULT_LEAK) {
        check_visible(sim, op);         /* as if it went there */
    }

    if (op->frame.type == CD_T_ME) {
        sim_note_idle(sim, &sim->agents[agent], &op->frame);
    }

    str_copy(key, sizeof(key), op->text[2]);
    sim_register_set(sim, inbox, key, op);
}


/* The agent knows what the notice said. */

static void
apply_known(struct sim *sim, struct sim_feed *inbox, const char *key)
{
    struct sim_register  *notice = sim_register_find(inbox, CD_T_NOTICE, key);

    if (notice == NULL) {
        sim_fail(sim, "a notice of %s goes that is not there", key);

    } else if (sim->fault != SIM_FAULT_LOST_KNOWN) {
        sim_register_remove(inbox, notice);
    }
}


static void
apply_unregister(struct sim *sim, const struct op *op)
{
    int                   agent;
    char                  key[80];
    struct cd_str         why = cd_frame_str(&op->frame, CD_F_WHY);
    struct sim_feed      *inbox = inbox_of(sim, op->text[0], &agent);
    struct sim_conv      *conv = sim_conv_find(sim, op->text[2]);
    struct sim_register  *card;

    str_copy(key, sizeof(key), op->text[2]);

    if (inbox != NULL && op->number[1] == CD_T_NOTICE
        && op->frame.type == CD_T_NOTICE_GONE)
    {
        apply_known(sim, inbox, key);
        return;
    }

    if (inbox == NULL || conv == NULL || op->number[1] != CD_T_CARD
        || op->frame.type != CD_T_CARD_GONE)
    {
        sim_fail(sim, "something else than a card is removed");
        return;
    }

    card = sim_register_find(inbox, CD_T_CARD, key);
    if (card == NULL) {
        sim_fail(sim, "a card of %s goes that is not there", key);
        return;
    }

    if (cd_str_is(why, "reopened")) {
        /* within a batch it may have been accepted and ended */
        if (sim_card_is(card, "offered") && sim->batch_entries == 1) {
            sim_fail(sim, "%s reopened, but was only offered", key);
        }

    } else if (cd_str_is(why, "dismissed") || cd_str_is(why, "expired")) {
        if (!sim_card_is(sim_register_find(&conv->side_d, CD_T_PHASE,
                                           "phase"), "closed"))
        {
            sim_fail(sim, "%s was dismissed while not closed", key);
        }
        conv->dismissed[agent] = 1;

    } else if (sim_card_is(card, "closed") || sim_card_is(card, "wrapup")) {
        sim_fail(sim, "%s went from an inbox by itself", key);
    }

    if (cd_str_is(why, "missed")
        && sim->profiles[sim->agents[agent].profile].missed_limit > 0)
    {
        sim->agents[agent].state = CD_PRESENCE_AWAY;
        sim->agents[agent].own = NULL;
    }

    if (cd_str_is(why, "rejected") || cd_str_is(why, "missed")) {
        conv->refused_seen[agent] = sim->now_ms;
    }

    if (sim->fault == SIM_FAULT_LOST_GONE) {
        return;
    }

    sim_register_remove(inbox, card);
}


static void
apply_put(struct sim *sim, const struct op *op)
{
    int               agent;
    struct sim_conv  *conv;

    if (cd_str_is(op->text[0], "conv")) {
        conv = sim_conv_find(sim, op->text[1]);

        if (conv == NULL) {
            sim_fail(sim, "an entity of no conversation");
            return;
        }

        if (sim->fault == SIM_FAULT_LOST_ENTITY && conv->entity != NULL) {
            return;
        }

        sim_keep(&conv->entity, &conv->entity_len, op->text[2]);
        sim_read_seats(sim, conv);

    } else if (cd_str_is(op->text[0], "agent")) {
        agent = sim_agent_find(sim, op->text[1]);

        if (agent < 0) {
            sim_fail(sim, "an entity of no agent");
            return;
        }

        sim_keep(&sim->agents[agent].entity, &sim->agents[agent].entity_len,
             op->text[2]);

    } else if (cd_str_is(op->text[0], "desk")) {
        sim_keep(&sim->desk_entity, &sim->desk_entity_len, op->text[2]);

    } else {
        sim_keep_put(sim, op);
    }
}


static void
apply_drop(struct sim *sim, const struct op *op)
{
    struct sim_conv  *conv = sim_conv_find(sim, op->text[1]);

    if (!cd_str_is(op->text[0], "conv")) {
        sim_keep_drop(sim, op);
        return;
    }

    if (conv == NULL || conv->entity == NULL) {
        sim_fail(sim, "an entity is dropped that is not there");
        return;
    }

    free(conv->entity);
    conv->entity = NULL;
    conv->ask.kind = 0;
}


static void
apply_conv_set(struct sim *sim, const struct op *op)
{
    int               agent;
    struct cd_str     field = op->text[1];
    struct sim_conv  *conv = sim_conv_find(sim, op->text[0]);
    struct cd_str     id = { field.data + 2, field.len - 2 };

    if (sim_conv_plain(conv, op)) {
        return;
    }

    agent = field.len > 2 && field.data[0] == 'm'
            ? sim_agent_find(sim, id) : -1;

    if (conv == NULL || agent < 0 || conv->closes > 0
        || (!cd_str_is(op->text[2], "a") && !cd_str_is(op->text[2], "o")))
    {
        sim_fail(sim, "a membership that makes no sense");
        return;
    }

    if (cd_str_is(op->text[2], "a")) {
        sim_answered(sim, conv);
        sim_joined(sim, conv, agent);
    }

    conv->member[agent] = cd_str_is(op->text[2], "a")
                          || sim->fault == SIM_FAULT_SEEN
                          ? SIM_MEMBER : SIM_OBSERVER;
    sim->watches += cd_str_is(op->text[2], "o");
}


static void
apply_conv_unset(struct sim *sim, const struct op *op)
{
    int               agent;
    struct cd_str     field = op->text[1];
    struct sim_conv  *conv = sim_conv_find(sim, op->text[0]);
    struct cd_str     id = { field.data + 2, field.len - 2 };

    if (sim_conv_plain(conv, op)) {
        return;
    }

    agent = field.len > 2 ? sim_agent_find(sim, id) : -1;

    /* what was read of a conversation that goes on is forgotten */
    if (conv != NULL && agent >= 0 && field.data[0] == 'g') {
        conv->mark[agent] = 0;
        conv->mark_applied[agent] = 0;
        conv->dismissed[agent] = 0;
        return;
    }

    if (conv == NULL || agent < 0 || field.data[0] != 'm'
        || conv->member[agent] == SIM_STRANGER)
    {
        sim_fail(sim, "somebody leaves who is not there");
        return;
    }

    if (sim->fault != SIM_FAULT_LOST_UNSET) {
        conv->member[agent] = SIM_STRANGER;
    }
}


static void
apply_offline(struct sim *sim, const struct op *op)
{
    size_t  i;

    for (i = 0; i < sim->session_count; i++) {
        if (cd_str_is(op->text[0], sim->sessions[i].id)) {
            sim->sessions[i].in_hash = 0;
        }
    }
}


static void
apply_one(struct sim *sim, const struct op *op)
{
    switch (op->code) {
    case CHANGE_PUT:
        apply_put(sim, op);
        break;
    case CHANGE_DROP:
        apply_drop(sim, op);
        break;
    case CHANGE_CONV_SET:
        apply_conv_set(sim, op);
        break;
    case CHANGE_CONV_UNSET:
        apply_conv_unset(sim, op);
        break;
    case CHANGE_AUDIT:
        sim->audits++;
        break;
    case CHANGE_STORED:
        apply_side(sim, op);
        break;
    case CHANGE_REGISTER:
        apply_register(sim, op);
        break;
    case CHANGE_UNREGISTER:
        apply_unregister(sim, op);
        break;
    case CHANGE_NODE:
        sim->batch_refused += op->frame.type == CD_T_REFUSED;
        break;
    case CHANGE_CLOSE:
        sim_close(sim, op);
        break;
    case CHANGE_OFFLINE:
        apply_offline(sim, op);
        break;
    case CHANGE_RECORD:
        sim_record(sim, op);
        break;
    case CHANGE_RECORDED:
        sim_recorded(sim, op);
        break;
    case CHANGE_NODE_GONE:
    case CHANGE_FLOWS:
    case CHANGE_FLOW:
    case CHANGE_DEAD:
        break;
    case CHANGE_OPEN:
        sim_item_opened(sim, op);
        break;
    case CHANGE_FORM:
        sim_form(sim, op);
        break;
    case CHANGE_REOPEN:
        sim_reopen(sim, op);
        break;
    default:
        sim_fail(sim, "operation %d is not one of these rules", op->code);
    }
}


void
sim_apply_ops(struct sim *sim, const struct ops *ops)
{
    size_t  i;

    sim->batch_refused = 0;

    for (i = 0; i < ops->count; i++) {
        apply_one(sim, &ops->list[i]);
    }
}
