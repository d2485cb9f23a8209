/*
 * A desk's flows: set up, shown to visitors, and kept up with the hours.
 *
 * Purpose:    what ties flows to the desk; a flow by itself is flow.h.
 * Owner:      the desk.
 * Invariants: the desk's hours timer stands at the next change of any hours;
 *             a flow is shown again when it has opened or closed.
 */

#ifndef CHATDESK_CORE_FLOW_DESK_H
#define CHATDESK_CORE_FLOW_DESK_H

#include "core/conversation.h"
#include "core/desk.h"
#include "core/flow.h"

/* flows and hours made from settings, until the desk takes them */
struct flow_plan {
    struct flows     flows;
    struct all_hours hours;
};

/* Makes them, the built-in ones too; they refer to `queues`.  0; -1 with *why
   a constant.  The plan is to be freed either way. */
int flows_plan(struct flow_plan *plan, struct queues *queues,
    const struct desk_settings *settings, const char **why);
void flows_plan_free(struct flow_plan *plan);

/* The plan's for the desk's own, which the plan has then; its queues have been
   merged.  Conversations keep their flow by id. */
void flows_take(struct desk *desk, struct flow_plan *plan);

/* The flow with this id; `web` when it is gone from the settings. */
struct flow *flows_of(struct desk *desk, struct cd_str id);

/* Notes what is open now and when that changes next. */
void flows_begin(struct desk *desk);

/* Tells Redis of all flows, when something of them is not as it was told
   last; also for the hours timer. */
void flows_show(struct desk *desk);

/* What a card says of the flow: the form, the mark, the priority; of a work
   item, its kind and link instead. */
void flow_fill_card(struct cd_frame *frame,
    const struct conversation *conversation);

/* Whether the form of a flow has a field of this key. */
int flows_ask_for(struct desk *desk, struct cd_str key);

/* The name by which the client may be shown; NULL for none.  A work item is
   called by its title. */
const char *flow_client_name(const struct conversation *conversation);

#endif /* CHATDESK_CORE_FLOW_DESK_H */
