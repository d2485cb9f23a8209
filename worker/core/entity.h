/*
 * What outlives the process: entities, as maps by key.
 *
 * Purpose:    writes and reads `e:conv`, `e:agent`, `e:desk`, `e:waits`.
 * Owner:      a blob is the caller's.
 * Invariants: nothing is unpacked before cd_wire_scan() has bounded it;
 *             reading a blob that was written gives the same object; a blob
 *             that does not hold changes nothing that the desk goes on with
 *             (the load fails as a whole); a key is never used again for
 *             something else.
 *
 * A blob is a MessagePack map (entity_map.h).  What is 0, or no text, is not
 * written; times are in ms, 0 for "not".  Each concern has a range of keys,
 * in a conversation, a seat, an agent and the desk alike:
 *
 *    1..39   the life of conversations, presence, unread counts
 *   40..59   flows
 *   60..69   figures
 *   70..79   templates and choices
 *   80..89   alerts
 *
 * The first layout was an array whose first element was 1; it is still read
 * (entity_load.c says which element has which key).
 */

#ifndef CHATDESK_CORE_ENTITY_H
#define CHATDESK_CORE_ENTITY_H

#include "core/agent.h"
#include "core/conversation.h"

#define ENTITY_CONV   "conv"
#define ENTITY_AGENT  "agent"
#define ENTITY_DESK   "desk"
#define ENTITY_WAITS  "waits"   /* by "<queue>.<slot>" */

enum conv_key {
    CONV_NUMBER = 1,            /* the interaction's */
    CONV_VISITOR = 2,           /* id */
    CONV_QUEUE = 3,             /* id */
    CONV_PHASE = 4,             /* enum cd_phase */
    CONV_CLOSED_BY = 5,         /* enum role */
    CONV_SINCE = 6,
    CONV_TIMER = 7,             /* not while it looks for an agent */
    CONV_ACCEPT_MS = 8,
    CONV_CLIENT_AT = 9,
    CONV_REPLY_AT = 10,
    CONV_PRESENT = 11,          /* the visitor is, 0 or 1 */
    CONV_GRACE = 12,            /* the visitor's, when it ends */
    CONV_WRITERS = 13,
    CONV_NAME = 14,
    CONV_EMAIL = 15,
    CONV_PAGE = 16,
    CONV_TITLE = 17,
    CONV_LANG = 18,
    CONV_PREVIEW = 19,
    CONV_RECORD = 20,           /* last, fallen, fallen_last, then n and
                                   writer of each recent message */
    CONV_SEATS = 21,            /* array of maps */
    CONV_ENDED_AT = 22,
    CONV_CHANNEL = 23,          /* enum channel */
    CONV_HAND = 24,             /* 1: up */
    CONV_DISPOSITION = 25,
    CONV_TAGS = 26,
    CONV_NOTE = 27,
    CONV_ASK = 28,              /* enum ask_kind; these six: the open ask */
    CONV_ASK_SOURCE = 29,       /* login */
    CONV_ASK_TARGET = 30,       /* login */
    CONV_ASK_QUEUE = 31,        /* id */
    CONV_ASK_UNTIL = 32,
    CONV_ASK_NOTE = 33,

    CONV_FLOW = 40,             /* id; missing: `web` */
    CONV_PRIORITY = 41,
    CONV_OFFLINE = 42,
    CONV_SAID = 43,
    CONV_ACTIVE_AT = 44,
    CONV_REMINDED_AT = 45,
    CONV_FORM = 46,
    CONV_REOPENS = 47,
    CONV_QUEUED_AT = 60,        /* when it began to wait */
    CONV_FROM_VISITOR = 61,     /* messages so far */
    CONV_FROM_AGENTS = 62,
    CONV_NOTES = 63,
    CONV_MENUS = 64,
    CONV_PICKS = 65,

    CONV_KIND = 90,             /* of a work item */
    CONV_LINK = 91,
    CONV_ROUTED = 92,           /* enum routed */
    CONV_RULE = 93,             /* name */
    CONV_CHOSEN = 94,           /* login; these eight: the last offer */
    CONV_CHOSEN_AT = 95,
    CONV_CHOSEN_LOAD = 96,
    CONV_CHOSEN_IDLE = 97,
    CONV_CHOSEN_PASSED = 98,
    CONV_CHOSEN_AGAIN = 99,
    CONV_CHOSEN_WAITED = 100,
    CONV_CHOSEN_PLACE = 101,
    CONV_SKILLS = 102,          /* names that the rule asks for */
    CONV_ABSENT_AT = 110        /* since when the visitor is away */
};

enum seat_key {
    SEAT_AGENT = 1,             /* login */
    SEAT_STATE = 2,             /* enum seat_state */
    SEAT_REFUSED_AT = 3,
    SEAT_READ = 4,
    SEAT_OLDER = 5,
    SEAT_WRITER = 6,            /* missing: WRITER_NOBODY */
    SEAT_OWES = 7               /* number of an interaction */
};

enum agent_key {
    AGENT_STATE = 1,            /* enum cd_presence */
    AGENT_IDLE_SINCE = 2,
    AGENT_PRESENT = 3,          /* 0 or 1 */
    AGENT_GRACE = 4,            /* when it ends */
    AGENT_CAPACITY = 5,         /* these three as `me` showed them */
    AGENT_PROFILE = 6,          /* name */
    AGENT_QUEUES = 7,
    AGENT_SHOWN = 8,            /* a digest of the rest that `me` showed */
    AGENT_OWN = 9,              /* id of a presence state of the settings */
    AGENT_WHY = 10,             /* enum why and 1 */
    AGENT_MISSED = 11,
    AGENT_IDLE = 12             /* when it is away for doing nothing */
};

enum desk_key {
    DESK_NUMBER = 1,            /* the next interaction's */
    DESK_TEMPLATES = 70,        /* revision of the templates */
    DESK_TEMPLATES_TOLD = 71,   /* ... that was announced */
    DESK_TEMPLATES_TELL = 72,   /* not to be announced before */
    DESK_OUTBOX = 80            /* number of the next job */
};

enum waits_key {
    WAITS_MINUTE = 1,           /* since 1970 */
    WAITS_SUM = 2,
    WAITS_IN_TIME = 3,
    WAITS_LOST = 4,
    WAITS_COUNTS = 5            /* bucket and count, those that are not 0 */
};

struct desk;
struct fields;
struct map;
struct map_out;
struct waits_slot;

/* Closes a blob in the desk's scratch buffer and appends its PUT; one that
   did not fit fails the desk. */
void entity_end(struct desk *desk, struct map_out *to, const struct map *map,
    const char *kind, const char *key);

/* Append a PUT to the changes of the call under way. */
void entity_put_conversation(struct desk *desk,
    const struct conversation *conversation);
void entity_put_agent(struct desk *desk, const struct agent *agent);
void entity_put_desk(struct desk *desk);
void entity_put_waits(struct desk *desk, const char *queue, unsigned slot,
    const struct waits_slot *waits);
void entity_drop_waits(struct desk *desk, const char *queue, unsigned slot);

/* One of the kinds that entity_load() reads. */
int entity_load_waits(struct desk *desk, const char *key,
    struct fields *fields);

/* What `me` shows of the settings; stored with the agent, so that a change of
   settings is noticed when the desk is loaded. */
void entity_shown(const struct agent *agent, unsigned *capacity,
    const char **name, const char **queues);
uint64_t entity_shown_digest(const struct desk *desk,
    const struct agent *agent);

/* 0; -1 for memory or a blob that does not hold, *why is a constant text. */
int entity_load(struct desk *desk, const char *kind, const char *key,
    const void *blob, size_t len, const char **why);

#endif /* CHATDESK_CORE_ENTITY_H */
