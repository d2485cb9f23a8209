/*
 * Tells systemd how the service is, by the protocol of sd_notify(3).
 *
 * Purpose:    READY=1, RELOADING=1, STOPPING=1.
 * Owner:      nobody; one datagram for each call.
 * Invariants: does nothing when $NOTIFY_SOCKET is not set; never blocks.
 */

#ifndef CHATDESK_IO_NOTIFY_H
#define CHATDESK_IO_NOTIFY_H

void notify_send(const char *state);

#endif /* CHATDESK_IO_NOTIFY_H */
