/*
 * The sections [outbound] and [push] of worker.ini.
 *
 * Purpose:    one row for each setting.
 * Owner:      see settings.h.
 * Invariants: a setting that is refused leaves what is owned in order.
 */

#ifndef CHATDESK_IO_SETTINGS_OUT_H
#define CHATDESK_IO_SETTINGS_OUT_H

struct fault;
struct outbound;
struct vapid;

/* requests that leave the worker */
struct outbound_settings {
    char *ca;                   /* file of certificates; NULL: the system's */
    int   private;              /* addresses that are not global are good */

    /* of the process that runs; borrowed */
    struct outbound  *client;
};

/* web push */
struct push_settings {
    char *key;                  /* PEM file; NULL: no web push */
    char *contact;              /* mailto: or https: */

    /* of the process that runs; borrowed */
    struct vapid  *vapid;       /* NULL without a key */
};

/* 0; -1 with what was expected; 1: there is no such setting. */
int settings_outbound_take(struct outbound_settings *outbound,
    const char *name, const char *value, struct fault *fault);
int settings_push_take(struct push_settings *push, const char *name,
    const char *value, struct fault *fault);

/* What no single line can say; NULL when nothing is wrong. */
const char *settings_push_wrong(const struct push_settings *push);

void settings_outbound_clear(struct outbound_settings *outbound);
void settings_push_clear(struct push_settings *push);

#endif /* CHATDESK_IO_SETTINGS_OUT_H */
