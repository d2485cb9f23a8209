/*
 * A desk's settings: desk.json.
 *
 * Purpose:    reads and checks the file; says file, path within it, what
 *             was expected.
 * Owner:      the caller owns a struct desk_file, which owns everything
 *             that its `settings` point to.
 * Invariants: in a file that was read every reference has its target, every
 *             id is there once, and every value is within the bounds of
 *             include/tbl/fields.h.  Unknown and doubled members are faults.
 */

#ifndef CHATDESK_IO_DESK_FILE_H
#define CHATDESK_IO_DESK_FILE_H

#include "core/desk.h"
#include "io/settings.h"

#define DESK_FILE_BYTES     (8 * 1024 * 1024)
#define DESK_QUEUES_MAX     1000
#define DESK_PROFILES_MAX   1000
#define DESK_AGENTS_MAX     20000

#define DESK_KEYS_MAX       1000

/* an API key, for programs that use the REST interface */
struct key_settings {
    const char *id;
    const char *role;           /* as an agent's */
    const char *hash;           /* SHA-256 of the key, hex */
};

struct desk_file {
    struct desk_settings   settings;
    const char           **hashes;      /* of passwords, by agent's place */
    struct key_settings   *keys;        /* owns the array */
    size_t                 key_count;
    void                  *json;        /* owns the strings */
};

/* NULL with *fault set. */
struct desk_file *desk_file_read(const char *path, struct fault *fault);
struct desk_file *desk_file_parse(const char *path, const char *text,
    size_t len, struct fault *fault);
void desk_file_free(struct desk_file **file);

/* The password's hash of a login; NULL when there is no such agent. */
const char *desk_file_hash(const struct desk_file *file, const char *login);

#endif /* CHATDESK_IO_DESK_FILE_H */
