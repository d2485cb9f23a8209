/*
 * What outlives the process: entities, as versioned blobs.
 *
 * Purpose:    writes and reads `e:conv`, `e:agent` and `e:desk`.
 * Owner:      a blob is the caller's.
 * Invariants: nothing is unpacked before cd_wire_scan() has bounded it;
 *             reading a blob that was written gives the same object; a blob
 *             that does not hold changes nothing that the desk goes on with
 *             (the load fails as a whole).
 *
 * Layouts (MessagePack arrays; the first element is ENTITY_VERSION; times in
 * ms, 0 for "not"; an empty text for "none"):
 *
 *   conv   version, number, visitor, queue, phase, closed_by, since, timer,
 *          accept_ms, client_at, reply_at, present, grace, writers, name,
 *          email, page, title, lang, preview, record, seats
 *   record last, fallen, fallen_last, then n and writer of each recent one
 *   seat   agent, state, refused_at, read, older, writer
 *   agent  version, state, idle_since, present, grace, capacity, profile's
 *          name, queues (the last three as `me` showed them)
 *   desk   version, next number
 */

#ifndef CHATDESK_CORE_ENTITY_H
#define CHATDESK_CORE_ENTITY_H

#include "core/agent.h"
#include "core/conversation.h"

#define ENTITY_VERSION  1

#define ENTITY_CONV   "conv"
#define ENTITY_AGENT  "agent"
#define ENTITY_DESK   "desk"

struct desk;

/* Append a PUT to the changes of the call under way. */
void entity_put_conversation(struct desk *desk,
    const struct conversation *conversation);
void entity_put_agent(struct desk *desk, const struct agent *agent);
void entity_put_desk(struct desk *desk);

/* What `me` shows of the settings; stored with the agent, so that a change of
   settings is noticed when the desk is loaded. */
void entity_shown(const struct agent *agent, unsigned *capacity,
    const char **name, const char **queues);

/* 0; -1 for memory or a blob that does not hold, *why is a constant text. */
int entity_load(struct desk *desk, const char *kind, const char *key,
    const void *blob, size_t len, const char **why);

#endif /* CHATDESK_CORE_ENTITY_H */
