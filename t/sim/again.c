/*
 * Conversations that end and go on, as Redis has it.
 *
 * Purpose:    what cd_start finds, and the operations CLOSE, REOPEN and FORM.
 * Owner:      struct sim.
 * Invariants: a conversation is closed once until it is opened again, for as
 *             long and in the way that the flow says.
 */

#include "sim.h"

#include <stdio.h>


/* The agents who are members, as cd_start tells the worker. */

void
sim_members(struct sim *sim, const struct sim_conv *conv, char *out,
    size_t size)
{
    int     agent;
    size_t  len = 0;

    out[0] = '\0';

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        if (conv->member[agent] == SIM_MEMBER) {
            len += (size_t) snprintf(out + len, size - len, "%s%s",
                                     len > 0 ? "," : "",
                                     sim->agents[agent].id);
        }
    }
}


/* cd_start with one that has ended and goes on by this flow; NULL for none. */

struct sim_conv *
sim_again(struct sim *sim, struct sim_person *visitor, int flow)
{
    struct sim_conv  *conv;

    if (visitor->ended_conv < 0) {
        return NULL;
    }

    conv = &sim->convs[visitor->ended_conv];
    visitor->ended_conv = -1;

    if (!conv->reopens || conv->open || conv->flow != flow
        || sim->now_ms >= conv->closed_ms + sim->flow.keep_ms)
    {
        return NULL;
    }

    visitor->open_conv = (int) (conv - sim->convs);
    conv->open = 1;
    conv->reopens = 0;
    conv->pending = 1;
    conv->closes = 0;

    return conv;
}


void
sim_reopen(struct sim *sim, const struct op *op)
{
    struct sim_conv    *conv = sim_conv_find(sim, op->text[0]);
    struct sim_person  *visitor;

    if (conv == NULL
        || !cd_str_is(op->text[1], sim_client_id(sim, conv)))
    {
        sim_fail(sim, "nothing goes on");
        return;
    }

    visitor = &sim->visitors[conv->visitor];
    conv->open = 1;
    conv->closes = 0;
    conv->reopens = 0;
    conv->loose = 1;
    conv->reopened = sim->commits;
    conv->queued_ms = sim->now_ms;

    if (conv->noted) {                  /* the message was before the start */
        conv->priority = conv->old_priority;
    }

    conv->refused = 0;

    if (visitor->open_conv < 0) {
        visitor->open_conv = (int) (conv - sim->convs);
        visitor->ended_conv = -1;
    }
}


void
sim_form(struct sim *sim, const struct op *op)
{
    int  i;

    for (i = 0; i < SIM_VISITORS; i++) {
        if (cd_str_is(op->text[0], sim->visitor_ids[i])) {
            snprintf(sim->knows[i], sizeof(sim->knows[i]), "%.*s",
                     (int) op->text[1].len, op->text[1].data);
        }
    }
}


/* A refused start is shut again without ever having been anything. */

void
sim_close(struct sim *sim, const struct op *op)
{
    struct sim_conv    *conv = sim_conv_find(sim, op->text[0]);
    struct sim_person  *visitor;

    if (conv == NULL
        || !cd_str_is(op->text[1], sim_client_id(sim, conv))
        || op->number[2] != (conv->refused && !conv->again
                             ? 60000 : sim->flow.keep_ms))
    {
        sim_fail(sim, "a close that makes no sense");
        return;
    }

    if (conv->closes++ > 0) {
        sim_fail(sim, "%s is closed twice", conv->id);
    }

    conv->open = 0;
    conv->queued_ms = 0;
    conv->closed_ms = conv->refused && conv->again ? conv->closed_ms
                                                   : sim->now_ms;
    conv->reopens = op->text[3].len > 0;
    visitor = &sim->visitors[conv->visitor];

    if (conv->reopens
        != (sim->flow.append && !sim_is_item(conv)
            && (!conv->refused || conv->again))
        || (conv->reopens
            && !cd_str_is(op->text[3], sim_flow_ids[conv->flow])))
    {
        sim_fail(sim, "%s goes on as the flow does not say", conv->id);
    }

    if (visitor->open_conv == (int) (conv - sim->convs)) {
        visitor->open_conv = -1;
        visitor->ended_conv = conv->reopens ? (int) (conv - sim->convs) : -1;
    }
}
