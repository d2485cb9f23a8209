/*
 * Whether an address is one of the public internet.
 *
 * Purpose:    what somebody else names as a target must not lead into the
 *             network around the worker.
 * Owner:      nothing.
 * Invariants: what is not known to be global is not (IANA's registries of
 *             special-purpose addresses, RFC 6890); an IPv6 address that
 *             carries an IPv4 one is judged by that.
 */

#ifndef CHATDESK_IO_GLOBAL_ADDRESS_H
#define CHATDESK_IO_GLOBAL_ADDRESS_H

#include <sys/socket.h>

int global_address(const struct sockaddr *address, socklen_t len);

#endif /* CHATDESK_IO_GLOBAL_ADDRESS_H */
