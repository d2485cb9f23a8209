/*
 * Flows: from a channel to a queue, and how conversations of it are kept.
 *
 * Purpose:    what the settings say of a flow, ready to be asked.
 * Owner:      the desk owns flows; a flow owns its rules, shares its queues
 *             and hours.
 * Invariants: there always is a flow `web` and a flow `sms`; every flow has
 *             a queue; the words of a flow begin with those for any language.
 */

#ifndef CHATDESK_CORE_FLOW_H
#define CHATDESK_CORE_FLOW_H

#include "core/channel.h"
#include "core/form.h"
#include "core/hours.h"
#include "core/id.h"
#include "core/keep.h"
#include "core/pattern.h"
#include "core/queue.h"
#include "core/tree.h"

#define FLOW_DEFAULT       "web"
#define FLOW_RULES_MAX     64
#define FLOW_WORDS_MAX     16
#define FLOW_PRIORITY      5        /* between 1, first, and 9 */
#define FLOW_PRIORITY_MAX  9

struct rule {
    const struct rule_settings *settings;   /* the flow's copy */
    struct pattern             *pattern;    /* owns; NULL: any text */
    struct queue               *queue;
    uint64_t                    limits;     /* matches that were given up */
};

struct flow {
    RB_ENTRY(flow)         link;
    struct login           id;
    struct keep            keep;            /* what `settings` points to */
    struct flow_settings   settings;
    struct queue          *queue;
    struct hours          *hours;           /* NULL: always open */
    struct rule           *rules;           /* owns */
    int                    shown_open;      /* as clients were told */
};

RB_HEAD(flows, flow);

/* NULL for memory or settings that do not hold; *why is then a constant. */
struct flow *flow_new(struct flows *flows, struct queues *queues,
    struct queue *default_queue, struct all_hours *hours,
    const struct flow_settings *settings, const char **why);

/* What `web` and `sms` are when the settings do not name them. */
const struct flow_settings *flow_builtin(size_t i);

/* Its queues are those that the ones it was made with have become. */
void flow_retarget(struct flow *flow);

void flows_free(struct flows *flows);
struct flow *flow_find(struct flows *flows, struct cd_str id);
struct flow *flow_first(struct flows *flows);
struct flow *flow_next(struct flow *flow);

/* What kind of work its conversations are: the widget's visitor waits at the
   page, the others come and go. */
enum channel flow_channel(const struct flow *flow);

/* Whether its clients come by the widget, which shows menus. */
int flow_has_menus(const struct flow *flow);

/* The words for a language: those for "pt-BR", else "pt", else any. */
const struct words_settings *flow_words(const struct flow *flow,
    const char *lang);

#endif /* CHATDESK_CORE_FLOW_H */
