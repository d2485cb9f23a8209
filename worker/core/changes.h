/*
 * What a batch changed: the operations of one commit (docs/bus.md), packed
 * as they are sent.
 *
 * Purpose:    the core's only output.
 * Owner:      the shell owns a struct changes and lends it to the core.
 * Invariants: the error sticks: after a failed append nothing more is
 *             written and changes_failed() is true; the shell then drops
 *             the batch and loads the desk anew.
 */

#ifndef CHATDESK_CORE_CHANGES_H
#define CHATDESK_CORE_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "chatdesk_wire.h"

/* numbers of the operations; docs/bus.md says what each does */
enum change_op {
    CHANGE_PUT = 1,
    CHANGE_DROP = 2,
    CHANGE_CONV_SET = 3,
    CHANGE_CONV_UNSET = 4,
    CHANGE_STORED = 5,
    CHANGE_REGISTER = 6,
    CHANGE_UNREGISTER = 7,
    CHANGE_PASSING = 8,
    CHANGE_NODE = 9,
    CHANGE_CLOSE = 10,
    CHANGE_SESSION = 11,
    CHANGE_DEAD = 12,
    CHANGE_OFFLINE = 13,
    CHANGE_NODE_GONE = 14,
    CHANGE_AUDIT = 15,
    CHANGE_VOID = 16,
    CHANGE_FLOWS = 17,
    CHANGE_FLOW = 18,
    CHANGE_FORM = 19,
    CHANGE_REOPEN = 20,
    CHANGE_RECORD = 21,
    CHANGE_RECORDED = 22,
    CHANGE_LOOK = 23,
    CHANGE_RECORDS = 24,
    CHANGE_EARLIER = 25,
    CHANGE_TEXTS = 26,
    CHANGE_SOURCE = 31,
    CHANGE_SOURCE_EVENT = 32,
    CHANGE_OPEN = 33
};

struct changes;

struct changes *changes_new(void);
void changes_free(struct changes **changes);
void changes_reset(struct changes *changes);
int changes_failed(const struct changes *changes);

/* The core ran out of memory: the batch cannot be committed. */
void changes_fail(struct changes *changes);
size_t changes_count(const struct changes *changes);

/* The packed array of operations; borrows until the next call.  NULL when
   the error has stuck. */
const char *changes_data(struct changes *changes, size_t *len);

/* `feed` is a feed's name, or "b:<conversation>" for both of its sides. */
void changes_put(struct changes *changes, const char *kind, const char *key,
    const void *blob, size_t len);
void changes_drop(struct changes *changes, const char *kind, const char *key);
void changes_conv_set(struct changes *changes, const char *conv,
    const char *field, const char *value);
void changes_conv_unset(struct changes *changes, const char *conv,
    const char *field);
void changes_stored(struct changes *changes, const char *feed,
    const struct cd_frame *frame);
void changes_register(struct changes *changes, const char *feed,
    const char *key, const struct cd_frame *frame);
void changes_unregister(struct changes *changes, const char *feed,
    unsigned type, const char *key, const struct cd_frame *frame);
void changes_passing(struct changes *changes, const char *feed,
    const struct cd_frame *frame);
void changes_node(struct changes *changes, const char *node,
    const struct cd_frame *frame);
/* `reopens` is the flow by which it goes on with the next start, "" for
   none. */
void changes_close(struct changes *changes, const char *conv,
    const char *visitor, uint64_t keep_ms, const char *reopens);
void changes_session(struct changes *changes, const char *key,
    const char *agent, const char *name, const char *role, uint64_t ttl_ms);
void changes_dead(struct changes *changes, const char *entry_id,
    const char *reason, const void *envelope, size_t len);
void changes_offline(struct changes *changes, const char *session);
void changes_audit(struct changes *changes, const char *who, const char *what,
    const char *object);
void changes_node_gone(struct changes *changes, const char *node);

/* All logins of an agent are void, and its sockets close. */
void changes_void(struct changes *changes, const char *agent);

/* What is known of flows before a start: forgets all; sets one. */
void changes_flows_clear(struct changes *changes);
void changes_flow(struct changes *changes, const char *field,
    const struct cd_frame *frame);

/* What a visitor has answered, and to which keys. */
void changes_form(struct changes *changes, const char *visitor,
    const char *answers, const char *keys, uint64_t keep_ms);
/* A conversation that no visitor has opened. */
void changes_open(struct changes *changes, const char *conv,
    const char *visitor);
void changes_reopen(struct changes *changes, const char *conv,
    const char *visitor);

#endif /* CHATDESK_CORE_CHANGES_H */
