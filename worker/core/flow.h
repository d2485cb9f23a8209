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

/* what happens to a visitor who comes out of hours */
enum flow_closed {
    FLOW_CLOSED_MESSAGE = 1,    /* leaves a message: work for the queue */
    FLOW_CLOSED_HIDE = 2        /* cannot start */
};

enum rule_hours {
    RULE_HOURS_ANY = 0,
    RULE_HOURS_OPEN = 1,
    RULE_HOURS_CLOSED = 2
};

/* All conditions that are there must hold; the first rule that does wins. */
struct rule_settings {
    const char      *name;
    const char      *page;      /* glob; NULL: any, as with the others */
    const char      *lang;      /* "pt" holds for "pt-BR" too */
    const char      *field;     /* of the form ... */
    const char      *value;     /* ... and a glob for its answer */
    const char      *text;      /* PCRE2 */
    enum rule_hours  hours;
    const char      *queue;     /* id; NULL: the flow's */
    unsigned         priority;  /* 0: the flow's */
    const char      *greeting;  /* NULL: the flow's */
};

/* texts for one language; "" for any */
struct words_settings {
    const char *lang;
    const char *greeting;       /* NULL for none, as with the others */
    const char *offline;
    const char *reminder;
    const char *ended;
    const char *form;           /* the form as the client is told it */
};

struct flow_settings {
    const char                  *id;
    const char                  *name;
    const char                  *channel;
    const char                  *queue;     /* id; NULL: the desk's default */
    unsigned                     priority;
    const struct rule_settings  *rules;
    size_t                       rule_count;
    const struct field_settings *fields;
    size_t                       field_count;
    const struct words_settings *words;
    size_t                       words_count;
    const char                  *hours;     /* id; NULL: always open */
    enum flow_closed             closed;
    int                          append;    /* an ended one goes on */
    int                          history_by_client;
    int                          show_display_name;
    uint64_t                     keep_ms;   /* readable after its end */
    uint64_t                     janitor_ms;    /* 0: never */
    uint64_t                     remind_ms;     /* 0: never */
    uint64_t                     end_ms;    /* after the reminder */
};

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

void flows_free(struct flows *flows);
struct flow *flow_find(struct flows *flows, struct cd_str id);
struct flow *flow_first(struct flows *flows);
struct flow *flow_next(struct flow *flow);

/* The words for a language: those for "pt-BR", else "pt", else any. */
const struct words_settings *flow_words(const struct flow *flow,
    const char *lang);

#endif /* CHATDESK_CORE_FLOW_H */
