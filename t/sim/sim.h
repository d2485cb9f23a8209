/*
 * The simulator: a desk's core between clients that misbehave, a Redis that
 * keeps what a commit says, and a clock that jumps.
 *
 * Purpose:    finds sequences that break a rule; each run follows from its
 *             seed alone.
 * Owner:      a struct sim owns everything of one run.
 * Invariants: the simulator judges by what Redis would hold and by the
 *             entries that were applied, never by the core's own memory.
 *
 *   clients.c   who does what: people, duplicates, late and lost requests
 *   redis.c     the functions' part that matters here, and the commit
 *   items.c     work items
 *   again.c     ends, and what goes on after them
 *   flows.c     where visitors should wait, and for how long
 *   skills.c    who can do what
 *   shell.c     loads, batches, commits, ticks, crashes, rebuilds
 *   push.c      subscriptions, push services, webhooks
 *   trace.c     what happened, for whoever looks for a reason
 *   check*.c    the invariants
 *   main.c      seeds and the result
 */

#ifndef CHATDESK_SIM_H
#define CHATDESK_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "chatdesk_wire.h"

#include "core/desk.h"

#include "ops.h"

#define SIM_VISITORS  16
#define SIM_AGENTS    6
#define SIM_QUEUES    3
#define SIM_PROFILES  3
#define SIM_PRESENCES 3
#define SIM_FLOWS     2
#define SIM_GRACE_MS  20000
#define SIM_NODES     3
#define SIM_CONVS     600       /* in one run */
#define SIM_SESSIONS  4000
#define SIM_LATE      8
#define SIM_RULES     4
#define SIM_SKILLS    3
#define SIM_DAYS      400
#define SIM_WAITS     30        /* minutes in the window of waits */

/* faults of the simulator itself: does the checker notice? */
enum sim_fault {
    SIM_FAULT_NONE,
    SIM_FAULT_CAPACITY,         /* the core believes in more capacity */
    SIM_FAULT_ACCEPT_MS,        /* ... in a longer accept limit */
    SIM_FAULT_LOST_GONE,        /* Redis forgets to remove a card */
    SIM_FAULT_LOST_MARK,        /* the core never hears of marks */
    SIM_FAULT_LOST_SESSION,     /* ... of agents who come online */
    SIM_FAULT_LOST_ENTITY,      /* an entity is not written */
    SIM_FAULT_LEAK,             /* a card goes to a visitor's side */
    SIM_FAULT_TWICE,            /* a commit is applied twice */
    SIM_FAULT_INTERVAL,         /* the core tells more often */
    SIM_FAULT_LOST_FOCUS,       /* ... never hears of a focus */
    SIM_FAULT_LOST_NOTICE,      /* Redis forgets a notice */
    SIM_FAULT_LOST_KNOWN,       /* ... to remove one */
    SIM_FAULT_LOST_ALERT,       /* an alert's entity is not written */
    SIM_FAULT_WRAPUP,           /* the core gives more time to wrap up */
    SIM_FAULT_SEEN,             /* one who watches becomes a member */
    SIM_FAULT_LOST_UNSET,       /* who leaves stays a member */
    SIM_FAULT_SETTINGS,         /* the core never hears of new settings */
    SIM_FAULT_RULE,             /* the core has other rules */
    SIM_FAULT_JANITOR,          /* ... a slower janitor */
    SIM_FAULT_ABSENT,           /* ... more patience with who has left */
    SIM_FAULT_LOST_TEMPLATES,   /* Redis forgets what desks are told of them */
    SIM_FAULT_LOST_FIGURES,     /* figures of a queue are not renewed */
    SIM_FAULT_LOST_WAITS,       /* ... and not loaded after a takeover */
    SIM_FAULT_LOST_ENTRY,       /* a record forgets what was missed */
    SIM_FAULT_CHANNEL,          /* the core knows no capacity by channel */
    SIM_FAULT_LOST_TAKEN,       /* a job that is taken back goes on waiting */
    SIM_FAULT_UNSHOWN,          /* a browser shows nothing of a push */
    SIM_FAULT_SKILL,            /* the core believes that all have all */
    SIM_FAULTS
};

struct sim_rng {
    uint64_t state;
};

struct sim_register {
    unsigned         type;
    char             key[80];
    char            *envelope;      /* owns */
    struct cd_frame  frame;         /* borrows from the envelope */
    uint64_t         commit;        /* that it came with */
};

struct sim_feed {
    uint32_t             head;
    struct sim_register *registers; /* owns */
    size_t               count;
};

struct sim_message {
    uint32_t n;
    int      agent;                 /* -1: the visitor */
    int      note;                  /* private */
    uint64_t at_ms;
    char     text[16];
};

/* what one agent was told of one thing */
struct sim_told {
    uint64_t at_ms;
    uint64_t commit;
    uint32_t n;                     /* newest message then */
};

/* an entity that the simulator does not look into */
struct sim_kept {
    char      kind[16];
    char      key[160];
    char     *blob;                 /* owns */
    size_t    len;
    uint64_t  commit;               /* that it first came with */
};

/* a job of the outbox */
struct sim_job {
    uint64_t number;
    uint64_t commit;                /* that it came with */
    int      kind;
    int      agent;
    int      over;                  /* tells that a notice is over */
    int      preview;
    uint64_t count;
    char     target[24];
    char     about[88];
};

/* what a browser shows, as far as it was told by push */
struct sim_screen {
    int      agent;
    char     device[24];
    char     about[88];
    unsigned told;                  /* pushes since the last end */
};

/* `m:` in the hash */
enum sim_membership {
    SIM_STRANGER = 0,
    SIM_MEMBER = 1,
    SIM_OBSERVER = 2
};

struct sim_ask {
    int      kind;                  /* 0: none is open */
    int      source;
    int      target;                /* -1: a queue is asked */
    int      queue;
    uint64_t until_ms;
};

struct sim_conv {
    char                id[24];
    int                 visitor;    /* SIM_VISITORS: an item, has none */
    int                 queue;
    uint64_t            number;     /* as the log has it; 0: not applied */
    uint64_t            earlier;    /* of its interaction before */
    int                 open;       /* in the hash */
    int                 closes;     /* CLOSE operations */
    struct sim_feed     side_v;
    struct sim_feed     side_d;
    uint8_t             member[SIM_AGENTS];         /* SIM_MEMBER ... */
    uint8_t             barged[SIM_AGENTS];         /* has asked to come in */
    struct sim_ask      ask;                        /* from the entity */
    uint8_t             dismissed[SIM_AGENTS];
    uint32_t            mark[SIM_AGENTS];           /* posted */
    uint32_t            mark_applied[SIM_AGENTS];
    struct sim_message *messages;   /* owns; as posted */
    size_t              message_count;
    size_t              applied;    /* of them, those the core was told */
    char               *entity;     /* owns; NULL: none */
    size_t              entity_len;
    uint64_t            refused_at[SIM_AGENTS];     /* from the entity */
    uint64_t            refused_seen[SIM_AGENTS];   /* from the inbox */
    uint64_t            closed_ms;
    uint64_t            started_ms; /* the last start that was applied */
    uint64_t            active_ms;  /* somebody wrote, or it was taken */
    unsigned            priority;
    int                 refused;    /* the start is to be refused */
    unsigned            skills;     /* that the entity names */
    unsigned            rule_skills;    /* ... and those that it may */
    size_t              first;      /* message that the core counts from */
    int                 loose;      /* which is that one is not known */
    uint64_t            reopened;   /* commit in which a message opened it */
    int                 again;      /* the last start was to go on with it */
    int                 noted;      /* a start, in the batch under way */
    unsigned            old_priority;   /* before it */
    int                 routed;     /* queue that it should have come to */
    int                 pending;    /* open again, the core is to hear of it */
    int                 flow;       /* by which it began */
    int                 offline;    /* it came out of hours */
    int                 plain;      /* Redis: words pick from menus */
    int                 reopens;    /* closed, and can go on */
    uint64_t            queued_ms;  /* when its wait began; 0: none */
    uint64_t            place_wrong_ms;
    size_t              entries;    /* of its record */
    size_t              entry_offers;   /* of them: offers ... */
    size_t              entry_answers;  /* ... and how they ended */
    uint8_t             recorded[SIM_AGENTS];
    char                was[16];    /* phase before the batch */
    int                 was_offered;    /* to this agent, -1: nobody */
    uint64_t            was_expires;
    uint64_t            since_ms;
    uint32_t            known[SIM_AGENTS];      /* written before it came */
    struct sim_told     told[SIM_AGENTS];
    struct sim_told     hand_told[SIM_AGENTS];
};

struct sim_session {
    char id[24];
    int  node;                      /* index of the node at that time */
    char node_id[24];
    int  is_agent;
    int  person;
    int  connected;                 /* the client believes so */
    int  in_hash;                   /* Redis: `online` */
    int  applied;                   /* the core has been told */
    char focus[24];                 /* as applied */
    char push[24];                  /* likewise: subscription of its page */
};

struct sim_person {
    int      sessions;              /* applied */
    int      present;
    uint64_t zero_at_ms;            /* the last session went; 0: none */
    uint64_t absent_ms;             /* not present since; 0: is */
    int      open_conv;             /* of a visitor: `u:`; -1: none */
    int      ended_conv;            /* `u:` of one that can go on; -1 */
};

struct sim_agent {
    struct sim_person  person;
    char               id[24];
    int                profile;
    enum cd_presence   state;       /* as applied */
    const struct presence_settings *own;    /* NULL: built in */
    uint64_t           gone_at_ms;  /* not present since; 0: is */
    uint64_t           deed_ms;     /* of the last entry */
    struct sim_feed    inbox;
    char              *entity;      /* owns */
    size_t             entity_len;
    unsigned           silent;      /* as applied */
    int                unpopped;    /* no notifications outside of pages */
    int                unsilenced;  /* since nobody waited too long */
};

/* one minute's waits */
struct sim_waits {
    uint64_t minute;
    uint64_t answered;
    uint64_t sum_ms;
    uint64_t unplaced;              /* of no length, perhaps of this queue */
};

struct sim_figures {
    struct sim_waits waits[SIM_WAITS];
    uint64_t         wrong_ms;      /* since when the feed is behind */
};

struct sim_node {
    char     id[24];
    int      alive;
    uint64_t lease_ms;              /* when its death is noticed */
};

struct sim_entry {
    char   *envelope;               /* owns */
    size_t  len;
};

struct sim {
    struct sim_rng            rng;
    uint64_t                  seed;
    uint64_t                  step;
    uint64_t                  commits;
    uint64_t                  latest_ms;    /* of all commits */
    uint64_t                  templates_changed;
    uint64_t                  templates_told_ms;
    uint64_t                  events;
    uint64_t                  violations;
    enum sim_fault            fault;
    int                       quiet;
    int                       trace;        /* every commit is printed */
    uint64_t                  now_ms;
    uint64_t                  ids;          /* drawn so far */

    struct queue_settings     queues[SIM_QUEUES];
    struct profile_settings   profiles[SIM_PROFILES];
    struct profile_settings   core_profiles[SIM_PROFILES];
    struct queue_settings     core_queues[SIM_QUEUES];
    const char               *profile_queues[SIM_PROFILES][SIM_QUEUES];
    int                       serves[SIM_PROFILES][SIM_QUEUES];
    struct agent_settings     agent_settings[SIM_AGENTS];
    unsigned                  agent_skills[SIM_AGENTS];
    unsigned                  queue_skills[SIM_QUEUES];
    const char               *agent_skill_names[SIM_AGENTS][SIM_SKILLS];
    const char               *queue_skill_names[SIM_QUEUES][SIM_SKILLS];
    struct presence_settings  presences[SIM_PRESENCES];
    struct desk_settings      settings;
    uint64_t                  audits;       /* records */
    uint64_t                  watches;      /* memberships that want one */
    struct flow_settings      flow;         /* `web`; the other one is as it
                                               but for id and channel */
    struct flow_settings      core_flows[SIM_FLOWS];
    struct rule_settings      core_rules[SIM_RULES];
    struct field_settings     fields[1];
    struct hours_settings     hours;
    struct open_interval      intervals[SIM_DAYS];
    char                      knows[SIM_VISITORS][64];  /* answers */
    uint64_t                  top_ms;       /* the clock's highest */

    struct sim_person         visitors[SIM_VISITORS + 1];   /* the last: of
                                                               items */
    char                      visitor_ids[SIM_VISITORS][24];
    struct sim_agent          agents[SIM_AGENTS];
    struct sim_node           nodes[SIM_NODES];
    struct sim_told           queue_told[SIM_QUEUES][SIM_AGENTS];
    uint64_t                  interval_ms;
    struct sim_kept          *kept;         /* owns */
    size_t                    kept_count;
    struct sim_job           *jobs;         /* owns */
    struct sim_screen        *screens;      /* owns */
    size_t                    screen_count;
    struct sim_job            flight;       /* number 0: none */
    size_t                    job_count;
    uint64_t                  job_top;      /* highest number ever */
    struct hook_settings      hook;
    struct sim_session       *sessions;     /* owns */
    size_t                    session_count;
    struct sim_conv          *convs;        /* owns */
    size_t                    conv_count;
    uint64_t                  next_number;  /* as applied */
    struct sim_feed           group;        /* g:queues */
    struct sim_figures        figures[SIM_QUEUES];
    char                     *desk_entity;  /* owns */
    size_t                    desk_entity_len;

    struct sim_entry         *log;          /* owns */
    size_t                    log_count;
    size_t                    log_cap;
    size_t                    log_applied;
    struct sim_entry          late[SIM_LATE];   /* still on their way */

    struct desk              *desk;         /* owns; the one in charge */
    struct desk              *twin;         /* owns; built anew, compared */
    struct changes           *changes;      /* owns */
    struct changes           *twin_changes; /* owns */
    size_t                    batch_entries;    /* of the batch under way */
    int                       batch_ticked;
    struct cd_frame           batch_frame;  /* the only one, if it is one */
    int                       batch_refused;
};

/* rng.c */
uint64_t sim_random(struct sim *sim);
unsigned sim_below(struct sim *sim, unsigned n);
int sim_chance(struct sim *sim, unsigned percent);

/* A violation: printed with seed and step. */
void sim_fail(struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* redis.c */
void sim_log(struct sim *sim, const struct cd_frame *frame);
void sim_apply_ops(struct sim *sim, const struct ops *ops);
struct sim_register *sim_register_find(struct sim_feed *feed, unsigned type,
    const char *key);
struct sim_conv *sim_conv_find(struct sim *sim, struct cd_str id);
int sim_agent_find(struct sim *sim, struct cd_str id);
void sim_feed_free(struct sim_feed *feed);
void sim_register_set(struct sim *sim, struct sim_feed *feed,
    const char *key, const struct op *op);
void sim_register_remove(struct sim_feed *feed, struct sim_register *reg);

/* clients.c */
void sim_client_step(struct sim *sim);
void sim_clients_init(struct sim *sim);
void sim_put(struct cd_frame *frame, unsigned field, const char *text);
void sim_entry(struct sim *sim, struct cd_frame *frame, unsigned type,
    const struct sim_session *session);
struct sim_session *sim_pick_session(struct sim *sim, int is_agent);
struct sim_conv *sim_pick_conv(struct sim *sim);

/* A control request: logged, or late, or lost; sometimes twice. */
void sim_send_control(struct sim *sim, const struct cd_frame *frame);

/* clients_notify.c */
void sim_agent_looks(struct sim *sim);
void sim_agent_wishes(struct sim *sim);

/* push.c: subscriptions, webhooks, the outbox */
void sim_push_step(struct sim *sim);
void sim_agent_here(struct sim *sim);
void sim_note_here(struct sim *sim, struct sim_session *session,
    const struct cd_frame *frame);
void sim_job_put(struct sim *sim, uint64_t number, struct cd_str blob);
void sim_job_drop(struct sim *sim, uint64_t number);
void sim_push_crash(struct sim *sim);
void sim_device_gone(struct sim *sim, struct cd_str key);

/* redis_kept.c: entities that are only kept */
void sim_keep(char **slot, size_t *len, struct cd_str blob);
void sim_keep_put(struct sim *sim, const struct op *op);
void sim_keep_drop(struct sim *sim, const struct op *op);

/* clients_life.c */
void sim_agent_asks(struct sim *sim, unsigned type);
void sim_ask_more(struct sim *sim, struct cd_frame *frame);
void sim_member_asks(struct sim *sim);
void sim_supervisor_asks(struct sim *sim);

/* items.c: work items */
void sim_item_step(struct sim *sim);
void sim_item_note(struct sim *sim, struct sim_conv *conv,
    const struct cd_frame *frame);
void sim_item_opened(struct sim *sim, const struct op *op);
int sim_is_item(const struct sim_conv *conv);

/* Whoever is the client: a visitor, or the item itself. */
const char *sim_client_id(struct sim *sim, const struct sim_conv *conv);

/* redis_life.c */
void sim_read_seats(struct sim *sim, struct sim_conv *conv);
void sim_note_idle(struct sim *sim, struct sim_agent *agent,
    const struct cd_frame *frame);

/* shell_notes.c */
int sim_at_rest(const struct sim *sim);
void sim_note_presence(struct sim *sim, const struct cd_frame *frame);
void sim_note_known(struct sim_conv *conv, int agent);
void sim_joined(const struct sim *sim, struct sim_conv *conv, int agent);
void sim_note_deed(struct sim *sim, const struct cd_frame *frame);

/* settings.c */
void sim_settings_change(struct sim *sim);

/* skills.c */
extern const struct skill_settings  sim_rule_skills[SIM_RULES];
void sim_skills_init(struct sim *sim);
void sim_skills_change(struct sim *sim);
int sim_skilled(const struct sim *sim, int agent,
    const struct sim_conv *conv);
void sim_skills_read(struct sim_conv *conv, struct cd_str text);
void sim_skills_route(struct sim_conv *conv, int rule);
void sim_skills_check(struct sim *sim, const struct sim_conv *conv);

/* templates.c */
void sim_templates_change(struct sim *sim);

/* An inbox is told; whether a fault makes Redis forget it. */
int sim_is_lost(struct sim *sim, const struct cd_frame *told);

/* shell.c */
void sim_shell_init(struct sim *sim);
/* A core of what Redis holds; its first changes are in `changes`. */
struct desk *sim_build(struct sim *sim, struct changes *changes);

void sim_shell_step(struct sim *sim);
void sim_shell_drain(struct sim *sim);

/* check_record.c: what a commit says of an interaction's record */
void sim_record(struct sim *sim, const struct op *op);
void sim_recorded(struct sim *sim, const struct op *op);

/* trace.c: a commit, with the entries of the log that it stands for */
void sim_trace(const struct sim *sim, size_t entries, const struct ops *ops);
void sim_trace_op(const struct op *op);     /* NULL: that there is none */

/* twin.c: at the end of a batch */
void sim_twin_compare(struct sim *sim);

/* again.c */
struct sim_conv *sim_again(struct sim *sim, struct sim_person *visitor,
    int flow);
void sim_members(struct sim *sim, const struct sim_conv *conv, char *out,
    size_t size);
void sim_close(struct sim *sim, const struct op *op);
void sim_reopen(struct sim *sim, const struct op *op);
void sim_form(struct sim *sim, const struct op *op);

/* flows.c */
extern const char *const  sim_flow_ids[SIM_FLOWS];
enum channel sim_channel(const struct sim_conv *conv);
void sim_flows_init(struct sim *sim);
void sim_flows_draw(struct sim *sim);
void sim_flow_fill(struct sim *sim, struct cd_frame *frame, int visitor);
void sim_flow_note(struct sim *sim, struct sim_conv *conv,
    const struct cd_frame *frame);
void sim_flow_ended(struct sim *sim, const struct sim_conv *conv,
    const struct cd_frame *event);
int sim_conv_plain(struct sim_conv *conv, const struct op *op);
void sim_flow_check(struct sim *sim, struct sim_conv *conv,
    const char *phase);

/* check_figures.c: a wait has ended with an answer; a core that was built
   anew begins its rounds anew */
void sim_answered(struct sim *sim, struct sim_conv *conv);
void sim_rounds_anew(struct sim *sim);

/* check.c: after each commit */
void sim_check(struct sim *sim);
struct sim_register *sim_card(struct sim *sim, int agent,
    const struct sim_conv *conv);
int sim_card_is(const struct sim_register *card, const char *phase);

/* check_notify.c: a notice goes out */
void sim_notice(struct sim *sim, int agent, const struct cd_frame *notice);
struct sim_told *sim_told(struct sim *sim, int agent, struct cd_str about);

/* run.c */
struct sim *sim_new(uint64_t seed, enum sim_fault fault, int quiet);
void sim_free(struct sim **sim);

/* One seed, until so many entries were logged or something is violated. */
void sim_run(struct sim *sim, uint64_t events);

#endif /* CHATDESK_SIM_H */
