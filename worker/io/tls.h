/*
 * TLS as a client, without a socket: bytes in, bytes out.
 *
 * Purpose:    the worker's connections to Redis, encrypted; the socket stays
 *             libuv's.
 * Owner:      whoever made a context or a session; sessions end before their
 *             context.
 * Invariants: a session that is established has verified the certificate
 *             and the name in it.
 */

#ifndef CHATDESK_IO_TLS_H
#define CHATDESK_IO_TLS_H

#include <stddef.h>

#include "io/settings.h"

struct tls;
struct tls_context;

/* `ca` is a file of certificates to trust.  NULL with *fault set. */
struct tls_context *tls_context_new(const char *ca, struct fault *fault);
void tls_context_free(struct tls_context **context);

/* A session with a server of this name or numeric address; NULL: no
   memory. */
struct tls *tls_new(struct tls_context *context, const char *name);
void tls_free(struct tls **tls);

/* Bytes from the peer; 0, or -1 for memory. */
int tls_feed(struct tls *tls, const char *data, size_t len);

/* 1: established; 0: waits for the peer; -1: failed, tls_why() says why. */
int tls_shake(struct tls *tls);
const char *tls_why(struct tls *tls);

/* Decrypted bytes into `buf`; their number, 0 for none yet, -1 when the
   session has ended or failed. */
int tls_read(struct tls *tls, char *buf, size_t cap);

/* Encrypts; 0, or -1 when it failed. */
int tls_write(struct tls *tls, const char *data, size_t len);

/* What is to be sent to the peer: `*len` bytes in a buffer that the caller
   frees; NULL with *len 0 for nothing, NULL with another *len for no
   memory. */
char *tls_output(struct tls *tls, size_t *len);

#endif /* CHATDESK_IO_TLS_H */
