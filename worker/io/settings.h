/*
 * The worker's settings: worker.ini.
 *
 * Purpose:    reads and checks the file; says file, line and what was
 *             expected.
 * Owner:      the caller owns a struct settings; it owns its strings.
 * Invariants: settings that were read are complete and within bounds.
 */

#ifndef CHATDESK_IO_SETTINGS_H
#define CHATDESK_IO_SETTINGS_H

#include <stddef.h>

#include "io/log.h"
#include "io/settings_out.h"

#define SETTINGS_DESKS_MAX      256
#define SETTINGS_SENTINELS_MAX  16
#define FAULT_MAX               512

/* what is wrong, for a person; empty when nothing is */
struct fault {
    char  text[FAULT_MAX];
};

void fault_set(struct fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct address {
    char *host;
    char *port;                 /* decimal */
};

struct redis_target;
struct tls_context;

struct redis_settings {
    char *path;                 /* of the Unix socket; NULL for TCP */
    char *host;
    char *port;                 /* decimal */
    char *user;                 /* NULL: the default user */
    char *password;             /* NULL: none */
    int   db;

    /* where Sentinels are asked */
    char            *primary;   /* its name; NULL: none are asked */
    struct address  *sentinels;
    size_t           sentinel_count;
    char            *sentinel_user;
    char            *sentinel_password;

    int   tls;
    char *tls_ca;               /* file of certificates to trust */
    char *tls_name;             /* in the certificate; NULL: the host */

    /* of the process that runs; borrowed */
    struct redis_target  *target;       /* NULL: the server stays */
    struct tls_context   *secure;       /* NULL without TLS */
};

struct desk_entry {
    char *name;                 /* 1 to 32 of [a-z0-9-] */
    char *config;               /* path of its desk.json */
};

struct settings {
    char                  *name;        /* of this worker */
    enum log_level         log_level;
    enum log_format        log_format;
    struct redis_settings  redis;
    struct outbound_settings  outbound;
    struct push_settings   push;
    struct desk_entry     *desks;
    size_t                 desk_count;
};

/* 0; -1 with *fault set and nothing to be freed. */
int settings_read(struct settings *settings, const char *path,
    struct fault *fault);
void settings_clear(struct settings *settings);

/* The whole file, terminated; NULL with *fault set.  The caller frees it.
   A larger one than `max` bytes is refused. */
char *settings_slurp(const char *path, size_t max, size_t *len,
    struct fault *fault);

#endif /* CHATDESK_IO_SETTINGS_H */
