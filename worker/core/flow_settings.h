/*
 * What the settings say of flows and hours.
 *
 * Purpose:    the form in which the shell hands them to the core.
 * Owner:      the caller; the core copies.
 * Invariants: none; flow_new() and hours_new() check.
 */

#ifndef CHATDESK_CORE_FLOW_SETTINGS_H
#define CHATDESK_CORE_FLOW_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

/* names of skills */
struct skill_settings {
    const char *const *names;
    size_t             count;
};

/* one field that a flow asks for; the words for it are the client's */
struct field_settings {
    const char        *key;     /* letters, digits, "_", "-" */
    int                required;
    int                closed_only;     /* asked out of hours alone */
    unsigned           max;     /* code points of the answer */
    int                email;   /* the answer is an address */
    const char *const *choices; /* the answer is one of these ... */
    size_t             choice_count;    /* ... when there are any */
};

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
    struct skill_settings  skills;  /* needed beside the queue's */
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
    uint64_t                     absent_ms;     /* a place is kept; 0: ever */
    uint64_t                     remind_ms;     /* 0: never */
    uint64_t                     end_ms;    /* after the reminder */
};

struct open_interval {
    uint64_t from_ms;           /* open from here ... */
    uint64_t to_ms;             /* ... to before this */
};

struct hours_settings {
    const char                 *id;
    const char                 *name;
    const struct open_interval *intervals;
    size_t                      count;
};

#endif /* CHATDESK_CORE_FLOW_SETTINGS_H */
