/*
 * Push subscriptions: devices of an agent that can be told while no page of
 * the desk is open there.
 *
 *   entity "device", key "<agent>/<id>"
 *
 * Purpose:    who can be reached where, and whether a page is open there.
 * Owner:      the agent owns its devices; a device owns its texts.
 * Invariants: at most CD_LIMIT_PUSH_DEVICES of an agent, and none of one that
 *             has left the settings; `sessions` are such of the desk, each at
 *             one device.  What an address and keys must be like is checked
 *             before they come here (io/push_keys.h).
 */

#ifndef CHATDESK_CORE_DEVICE_H
#define CHATDESK_CORE_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>

#include "chatdesk_tables.h"

#include "core/id.h"

#define ENTITY_DEVICE  "device"

#define DEVICE_SESSIONS  16     /* CD_LIMIT_PUSH_SESSIONS */

struct agent;
struct cd_frame;
struct desk;
struct device_settings;
struct fields;
struct node;

struct device {
    LIST_ENTRY(device)  link;           /* of the agent's */
    struct agent       *agent;          /* shares */
    struct id           id;
    char               *endpoint;       /* owns; an address, https */
    char               *p256dh;         /* owns; base64url, as is ... */
    char               *auth;           /* owns */
    struct login        login;          /* key of the login it came with */
    uint64_t            since_ms;       /* it was given, or given again */
    int                 ends;           /* it takes what is over off */
    unsigned            spent;          /* ends told of since the last visit */
    struct id           sessions[DEVICE_SESSIONS];
    size_t              session_count;
};

LIST_HEAD(device_list, device);

struct device *device_find(const struct agent *agent, struct cd_str id);

/* Makes or renews; CD_E_OK or the refusal. */
enum cd_error device_take(struct desk *desk, const char *who,
    const struct device_settings *settings);

/* Takes it, and its part of the outbox, away. */
void device_drop(struct desk *desk, struct device *device);

/* The rule of the entry `push`. */
void device_here(struct desk *desk, const struct cd_frame *entry);

/* Whether it may be told of one more end, which is then counted. */
int device_spends(struct desk *desk, struct device *device);

/* A session has ended; all of a node are about to. */
void device_left(struct desk *desk, struct agent *agent,
    const struct id *session);
void device_left_all(struct desk *desk, struct node *node);

/* After loading, and after other settings: sessions and agents that are no
   more. */
void device_look_all(struct desk *desk);

int device_load(struct desk *desk, const char *key, struct fields *fields);
void devices_free(struct agent *agent);

#endif /* CHATDESK_CORE_DEVICE_H */
