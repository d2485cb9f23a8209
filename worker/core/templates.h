/*
 * The desk's templates: predefined texts, shared by all or one agent's own.
 *
 *   desk_put_template(), desk_drop_template()  from the REST interface
 *         |
 *         +--> entity, revision + 1 --> flush: register `templates` to every
 *         |                             agent who is connected, at most once
 *         |                             in CD_LIMIT_TEMPLATES_TELL_MS
 *         +--> index --> `render` --> `rendered`
 *
 * Purpose:    what there is, found by id and by shortcut, and filled in.
 * Owner:      the desk owns templates; they are stored as entities of kind
 *             ENTITY_TEMPLATE, one each, and the revision with the desk.
 * Invariants: an id is unique among the shared ones and among those of each
 *             owner, so is a shortcut; there are at most CD_LIMIT_TEMPLATES,
 *             of one owner CD_LIMIT_TEMPLATES_OWN; a template has a text at
 *             least, and each was parsed.
 */

#ifndef CHATDESK_CORE_TEMPLATES_H
#define CHATDESK_CORE_TEMPLATES_H

#include "core/entity_map.h"
#include "core/id.h"
#include "core/template.h"
#include "core/timer.h"
#include "core/tree.h"

#define ENTITY_TEMPLATE     "template"

#define TEMPLATE_ID_MAX     32
#define SHORTCUT_MAX        32
#define LANG_MAX            35
#define TEMPLATE_KEY_MAX    (LOGIN_MAX + 1 + TEMPLATE_ID_MAX)

struct agent;
struct conversation;
struct desk;

/* one language of a template */
struct locale_text {
    char                   lang[LANG_MAX + 1];
    struct template_text  *text;        /* owns */
    char                  *choices;     /* owns; a LIST, NULL for none */
};

struct template {
    RB_ENTRY(template)   link;
    RB_ENTRY(template)   shortcut_link;
    char                 key[TEMPLATE_KEY_MAX + 1];     /* owner/id, or id */
    struct login         owner;         /* empty: shared */
    char                 id[TEMPLATE_ID_MAX + 1];
    char                 shortcut[SHORTCUT_MAX + 1];    /* "": none */
    char                *title;         /* owns */
    struct login        *queues;        /* owns; none: of all queues */
    size_t               queue_count;
    struct locale_text  *locales;       /* owns; the first is the default */
    size_t               locale_count;
    uint64_t             revision;      /* when it was changed last */
};

RB_HEAD(template_keys, template);
RB_HEAD(template_shortcuts, template);

#define TEMPLATES_GONE  256     /* removals that are told one by one */

struct templates {
    struct template_keys       keys;
    struct template_shortcuts  shortcuts;
    size_t                     count;
    uint64_t                   revision;    /* counts changes */
    uint64_t                   told;        /* the last one announced */
    uint64_t                   tell_ms;     /* not to be told before */
    uint64_t                   floor;       /* removals since are known */
    struct timer               timer;
    struct {
        char      key[TEMPLATE_KEY_MAX + 1];
        uint64_t  revision;
    }                          gone[TEMPLATES_GONE];    /* a ring */
    size_t                     gone_next;
};

/* what a template shall be; the caller owns it, the core copies */

struct locale_settings {
    const char     *lang;
    struct cd_str   text;
    const char    **choices;
    size_t          choice_count;
};

struct template_settings {
    const char              *owner;     /* login; "" for a shared one */
    const char              *id;
    const char              *title;
    const char              *shortcut;  /* "" for none */
    const char             **queues;
    size_t                   queue_count;
    struct locale_settings  *locales;
    size_t                   locale_count;
};

/* why it cannot be: the field at fault, and the place in a text */
struct template_refusal {
    char         field[64];     /* "texts[0].text", "shortcut", ... */
    const char  *why;           /* constant text */
    unsigned     line;          /* 0: not about a place */
    unsigned     column;
};

void templates_init(struct templates *templates);
void templates_free(struct templates *templates);

/* Without changing anything: whether the text holds, and what it becomes in
   a conversation of examples.  `out` as in template_render(). */
enum cd_error templates_check(struct desk *desk, struct cd_str text, char *out,
    struct template_refusal *refusal);

/* Whether it could be put, all but a shortcut that another one has; changes
   nothing.  As desk_put_template() (desk.h). */
enum cd_error templates_try_one(struct desk *desk,
    const struct template_settings *settings,
    struct template_refusal *refusal);

/* NULL for none.  `owner` is "" for shared ones. */
struct template *templates_find(struct templates *templates,
    const char *owner, const char *id);

/* In the order of keys; the first behind `key`, "" for the first. */
struct template *templates_after(struct templates *templates,
    const char *key);
struct template *templates_next(struct template *template);

/* Whether an agent may see and use it at all. */
int template_visible(const struct template *template, const char *login);

/* What a text becomes.  `lang` may be empty. */
size_t template_fill(const struct template *template, struct desk *desk,
    struct conversation *conversation, const char *login, const char *lang,
    char *out, const char **choices);

/* of two templates with one id */
enum render_own {
    RENDER_EITHER,              /* the agent's own one goes first */
    RENDER_OWN,
    RENDER_SHARED
};

/* who asks for what; a `lang` without length is the visitor's */
struct render_wish {
    struct cd_str    who;
    struct cd_str    conv;
    struct cd_str    template;
    struct cd_str    lang;
    enum render_own  own;
};

/* What an agent's template becomes in a conversation; CD_E_OK with `out` (of
   TEMPLATE_RESULT_MAX bytes) and the choices, a LIST or NULL, or why not. */
enum cd_error desk_render(struct desk *desk, const struct render_wish *wish,
    char *out, size_t *len, const char **choices);

/* The rule of `render`. */
void templates_render(struct desk *desk, const struct cd_frame *entry);

/* An entity that was stored; 0 or -1. */
int templates_load(struct desk *desk, const char *key,
    struct fields *fields);

/* To an agent who comes: what has changed meanwhile. */
void templates_greet(struct desk *desk, const struct agent *agent);

/* Announces what is due. */
void templates_flush(struct desk *desk);

/* After loading: what was not announced yet is due later. */
void templates_loaded(struct desk *desk);

#endif /* CHATDESK_CORE_TEMPLATES_H */
