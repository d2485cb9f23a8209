/*
 * One desk: the pure core.  (state, event, now) -> changes.
 *
 * Purpose:    every decision of routing, offers, capacity, presence and the
 *             life of conversations.
 * Owner:      the shell (or the simulator) owns a struct desk; a desk owns
 *             everything inside it.
 * Invariants: no I/O, no clock, no randomness; the same calls give the same
 *             changes.  What is not in an entity written by desk_flush() can
 *             be rebuilt from entities by desk_load() and desk_loaded().
 */

#ifndef CHATDESK_CORE_DESK_H
#define CHATDESK_CORE_DESK_H

#include <stddef.h>
#include <stdint.h>

#include "chatdesk_wire.h"

#include "core/changes.h"
#include "core/channel.h"
#include "core/rights.h"
#include "core/flow_settings.h"

struct desk;
struct device;
struct template_refusal;
struct template_settings;

/* settings: what desk.json says; the caller owns it, the core copies */

enum notify_switch {            /* the kinds have their numbers' bits */
    NOTIFY_MESSAGE = 1,
    NOTIFY_OFFER = 2,
    NOTIFY_WAIT = 4,
    NOTIFY_HAND = 8,
    NOTIFY_PREVIEW = 256,
    NOTIFY_PUSH_TEXT = 512      /* ... also by web push */
};

/* About notices; what is not said is as the wider setting has it. */
struct notify_settings {
    uint64_t interval_ms;       /* 0: not said */
    unsigned said;              /* the switches that are said, ... */
    unsigned on;                /* ... and which of them are on */
};

/* A webhook that is told of notices. */
struct hook_settings {
    const char *id;             /* token */
    unsigned    types;          /* bits of the kinds, as above */
    int         preview;        /* the text goes along, where a notice has it */
};

/* A browser that can be told by web push; see core/device.h. */
struct device_settings {
    const char   *id;           /* token */
    const char   *endpoint;
    const char   *p256dh;       /* base64url */
    const char   *auth;
    struct cd_str login;        /* key of the login that it came with */
    int           ends;         /* it takes what is over off the screen */
};

/* the numbers stand in stored entities */
enum outbox_kind {
    OUTBOX_PUSH = 1,            /* to a device of the agent */
    OUTBOX_HOOK = 2,            /* to a webhook */
    OUTBOX_KINDS_MAX
};

/* What is to be done outside of Redis; see core/outbox.h. */
struct outbox_job {
    uint64_t          number;   /* names it for ever */
    enum outbox_kind  kind;
    const char       *agent;    /* login; these borrow until the next call */
    const char       *target;   /* id of the device, of the webhook */
    const char       *about;    /* as in the notice */
    int               over;     /* tells that a notice is over */
    const char       *frame;    /* envelope of `notice` or `notice_gone` */
    size_t            frame_len;
    uint64_t          made_ms;
    uint64_t          until_ms; /* nobody needs it then */
    uint64_t          due_ms;   /* not before */
    unsigned          tries;    /* that failed */
};

enum outbox_result {
    OUTBOX_SENT = 1,
    OUTBOX_AGAIN = 2,           /* try later */
    OUTBOX_GONE = 3,            /* there is no such target any more */
    OUTBOX_REFUSED = 4,         /* it will never be taken */
    OUTBOX_LATE = 5             /* nobody needs it any more */
};

/* since the desk was loaded */
struct outbox_count {
    uint64_t  waiting;
    uint64_t  sent;
    uint64_t  again;            /* attempts that failed */
    uint64_t  gone;
    uint64_t  dead;             /* to the dead letters */
    uint64_t  dropped;          /* for want of room */
};

struct disposition_settings {
    const char *id;             /* token */
    const char *name;           /* without "," and "=" */
};

struct queue_settings {
    const char *id;             /* token */
    const char *name;
    unsigned    priority;       /* lower goes first, 1..9 */
    uint64_t    accept_ms;      /* accept time limit */
    uint64_t    wait_alert_ms;  /* supervisors are told; 0: never */
    uint64_t    wrapup_ms;      /* time to wrap a chat up; 0: none */
    const struct disposition_settings *dispositions;
    size_t      disposition_count;
    uint64_t    service_ms;     /* service level; 0: CD_LIMIT_SERVICE_MS */
    struct skill_settings  skills;  /* that its conversations need */
};

struct profile_settings {
    const char  *id;
    const char  *name;
    unsigned     capacity;      /* chats at once */
    const char **queues;        /* queue ids */
    size_t       queue_count;
    struct notify_settings  notify;
    unsigned     channel_capacity[CHANNELS_MAX];    /* 0: no own limit */
    unsigned     channels;      /* that it takes at all, as bits; 0: all */
    unsigned     missed_limit;  /* missed offers until away; 0: none */
    uint64_t     idle_ms;       /* without a deed until away; 0: never */
    const char **buttons;       /* names, rights.h; NULL: all of them */
    size_t       button_count;
};

/* a presence state beside the built-in ones */
struct presence_settings {
    const char *id;             /* token */
    const char *name;           /* without "," and "=" */
    unsigned    takes;          /* channels, as bits; 0: no offers */
};

/* what templates call custom.<key> */
#define ATTRIBUTES_MAX     64   /* of a desk */
#define ATTRIBUTE_KEY_MAX  32   /* bytes, of a-z, 0-9 and "_" */
#define ATTRIBUTE_MAX      500  /* code points */

struct attribute_settings {
    const char *key;
    const char *value;
};

struct agent_settings {
    const char *id;             /* login */
    const char *name;
    const char *role;           /* "agent", "supervisor", "admin" */
    const char *profile;        /* profile id */
    struct notify_settings  notify;
    struct skill_settings   skills;
};

struct desk_settings {
    const char                    *name;            /* shown to visitors */
    const char                    *default_queue;   /* queue id */
    const struct queue_settings   *queues;
    size_t                         queue_count;
    const struct profile_settings *profiles;
    size_t                         profile_count;
    const struct agent_settings   *agents;
    size_t                         agent_count;
    struct notify_settings         notify;
    const struct presence_settings *presences;
    size_t                         presence_count;
    uint64_t                       grace_ms;    /* 0: none */
    const struct hours_settings   *hours;
    size_t                         hours_count;
    const struct flow_settings    *flows;       /* `web` and `sms` are there */
    size_t                         flow_count;  /* also when not named */
    const struct attribute_settings *attributes;
    size_t                         attribute_count;
    const struct hook_settings    *hooks;
    size_t                         hook_count;
};

struct desk *desk_new(void);
void desk_free(struct desk **desk);

/*
 * Loading, in this order: desk_configure(), desk_load() for each entity,
 * desk_load_session() for each session in `online`, desk_loaded().
 * 0; -1 for memory or for settings or a blob that do not hold (then *why is
 * a constant text).
 */
int desk_configure(struct desk *desk, const struct desk_settings *settings,
    const char **why);

/* Whether a desk could be configured with these: tried out on one that is
   thrown away; 0, or -1 as above. */
int desk_check(const struct desk_settings *settings, const char **why);
int desk_load(struct desk *desk, const char *kind, const char *key,
    const void *blob, size_t len, const char **why);
int desk_load_session(struct desk *desk, const char *session,
    const char *node, int is_agent, const char *who);
void desk_loaded(struct desk *desk, uint64_t now_ms, struct changes *changes);

/*
 * Other settings for a desk that runs.  Conversations keep their queue, agents
 * their profile, by id; sessions and offers stay, but for offers of a queue
 * that the agent has no more.  0; -1 with *why: nothing has changed.
 */
int desk_reconfigure(struct desk *desk, const struct desk_settings *settings,
    uint64_t now_ms, struct changes *changes, const char **why);

/* Tells Redis what visitors are told of each flow; once after desk_loaded(),
   and when the settings have changed. */
void desk_show_flows(struct desk *desk, uint64_t now_ms,
    struct changes *changes);

/* The hours' tables of a later day, by id; 0, or -1 for memory or a table
   that is not in order. */
int desk_renew_hours(struct desk *desk, const struct desk_settings *settings,
    uint64_t now_ms, struct changes *changes);

/* One entry of the log.  An entry that makes no sense changes nothing but,
   where somebody waits for it, answers `refused`. */
void desk_apply(struct desk *desk, const struct cd_frame *entry,
    uint64_t now_ms, struct changes *changes);

/* Why the entry applied last was refused; CD_E_OK when it was not. */
enum cd_error desk_refused(const struct desk *desk);

/* A node's lease has run out: its sessions have gone. */
void desk_node_gone(struct desk *desk, const char *node, uint64_t now_ms,
    struct changes *changes);

/* A login was checked and is good: writes the session, answers the node. */
void desk_logged_on(struct desk *desk, const struct cd_frame *logon,
    uint64_t now_ms, struct changes *changes);

/* Makes or replaces a template: CD_E_OK, or CD_E_BAD_REQUEST, CD_E_TOO_LONG,
   CD_E_TOO_MANY with *refusal set, CD_E_INTERNAL for memory.  Removes one:
   CD_E_OK or CD_E_NO_TEMPLATE. */
enum cd_error desk_put_template(struct desk *desk,
    const struct template_settings *settings, uint64_t now_ms,
    struct changes *changes, struct template_refusal *refusal);
enum cd_error desk_drop_template(struct desk *desk, const char *owner,
    const char *id, uint64_t now_ms, struct changes *changes);

/* Makes or renews a push subscription of an agent: CD_E_OK or the refusal.
   Removes one: 0, -1 for none.  Finds one, borrowed until the next call. */
enum cd_error desk_put_device(struct desk *desk, const char *who,
    const struct device_settings *settings, uint64_t now_ms,
    struct changes *changes);
int desk_drop_device(struct desk *desk, const char *who, const char *id,
    uint64_t now_ms, struct changes *changes);
const struct device *desk_device(struct desk *desk, const char *who,
    const char *id);

/* The jobs of the outbox, oldest first; NULL at the end. */
const struct outbox_job *desk_outbox_first(const struct desk *desk);
const struct outbox_job *desk_outbox_next(const struct outbox_job *before);

/* What came of one, as it was when it was begun (all but its frame), since a
   newer one may have taken its place; `wait_ms`: for so long the other side
   wants to be left alone. */
void desk_outbox_done(struct desk *desk, const struct outbox_job *begun,
    enum outbox_result result, uint64_t wait_ms, uint64_t now_ms,
    struct changes *changes);
const struct outbox_count *desk_outbox_count(const struct desk *desk);

/* When desk_tick() wants to be called, ms; UINT64_MAX for never. */
uint64_t desk_deadline(const struct desk *desk);
void desk_tick(struct desk *desk, uint64_t now_ms, struct changes *changes);

/* Appends every entity that changed since the last flush; once a batch. */
void desk_flush(struct desk *desk, struct changes *changes);

#endif /* CHATDESK_CORE_DESK_H */
