/*
 * A job of the outbox as a request.
 *
 * Purpose:    address, headers and body of what is to be sent.
 * Owner:      whoever has one made owns it.
 * Invariants: the same job gives a request that its receiver knows for the
 *             same: the Topic of a push, the id of a webhook.
 */

#ifndef CHATDESK_IO_PARCEL_H
#define CHATDESK_IO_PARCEL_H

#include "core/desk.h"
#include "io/outbound.h"

#define PARCEL_HEADERS  8

struct device;
struct hook_target;
struct vapid;

struct parcel {
    char     *url;                          /* owns, all of them */
    char     *headers[PARCEL_HEADERS + 1];
    size_t    header_count;
    char     *body;
    size_t    len;
};

/* For a push service; 0, or -1: memory, or keys that do not hold. */
int parcel_push(struct parcel *parcel, const struct outbox_job *job,
    const struct device *device, const struct vapid *vapid, uint64_t now_ms);

/* For a webhook of this desk; 0, or -1 for memory. */
int parcel_hook(struct parcel *parcel, const struct outbox_job *job,
    const struct hook_target *target, const char *desk, uint64_t now_ms);

/* A header more; 0, -1 for memory. */
int parcel_header(struct parcel *parcel, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void parcel_clear(struct parcel *parcel);

#endif /* CHATDESK_IO_PARCEL_H */
