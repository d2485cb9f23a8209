/*
 * A desk's settings: one JSON document, parsed.
 *
 * The document is an object of scalars ("name", "default_queue", ...) and of
 * lists, one for each kind (io/desk_kind.h), of objects with an id. It comes
 * from desk.json or from Redis (io/config.h).
 *
 * Purpose:    reads and checks it; says file, path within it, what was
 *             expected.
 * Owner:      the caller owns a struct desk_file, which owns everything
 *             that its `settings` point to.
 * Invariants: in a document that was read every reference has its target,
 *             every id is there once, every value is within the bounds of
 *             include/tbl/fields.h, and a desk can be configured with it.
 *             Unknown and doubled members are faults.  The document is not
 *             changed afterwards.
 */

#ifndef CHATDESK_IO_DESK_FILE_H
#define CHATDESK_IO_DESK_FILE_H

#include <json-c/json.h>

#include "core/desk.h"
#include "core/keep.h"
#include "core/skills.h"
#include "io/settings.h"

#define DESK_FILE_BYTES     (8 * 1024 * 1024)
#define DESK_DIGEST_LEN     64

/* the kinds, in the order in which they refer to each other */
enum desk_kind_no {
    DESK_QUEUES,
    DESK_PROFILES,
    DESK_AGENTS,
    DESK_KEYS,
    DESK_HOURS,
    DESK_FLOWS,
    DESK_ATTRIBUTES,
    DESK_WEBHOOKS,
    DESK_KINDS
};

struct zone_calendar;

/* an API key, for programs that use the REST interface */
struct key_settings {
    const char *id;
    const char *role;           /* as an agent's */
    const char *hash;           /* SHA-256 of the key, hex */
};

/* where a webhook is */
struct hook_target {
    const char *url;
    const char *secret;         /* signs what it is sent */
};

struct desk_place {
    const char *id;
    size_t      place;          /* in the list */
};

/* the ids of one list, sorted */
struct desk_ids {
    struct desk_place *rows;    /* owns */
    size_t             count;
};

struct desk_file {
    struct desk_settings   settings;
    const char           **hashes;      /* of passwords, by agent's place */
    struct key_settings   *keys;        /* owns the array */
    size_t                 key_count;
    struct hook_settings  *hooks;       /* owns the array, as ... */
    struct hook_target    *targets;     /* ... this, by the hook's place */
    struct zone_calendar  *calendars;   /* owns; by the hours' place */
    struct skills          skills;      /* that it names */
    struct keep            keep;        /* what was made of the document */
    struct desk_ids        ids[DESK_KINDS];
    struct json_object    *root;        /* shares; owns the strings */
    struct json_object    *templates;   /* owns; of a file that has the list,
                                           which is no part of the settings */
    char                   digest[DESK_DIGEST_LEN + 1]; /* of the text */
};

/* NULL with *fault set. */
struct desk_file *desk_file_read(const char *path, struct fault *fault);
struct desk_file *desk_file_parse(const char *path, const char *text,
    size_t len, struct fault *fault);

/* The same for a document that is there; it is shared.  `name` stands in
   front of faults. */
struct desk_file *desk_file_take(const char *name, struct json_object *root,
    struct fault *fault);
void desk_file_free(struct desk_file **file);

/* The tables of its hours as of a later day; 0, -1 for memory. */
int desk_file_renew(struct desk_file *file, uint64_t now_ms);

/* The password's hash of a login; NULL when there is no such agent. */
const char *desk_file_hash(const struct desk_file *file, const char *login);

/* Sets the place of an id in its list; 0, or -1 when there is none. */
int desk_file_place(const struct desk_file *file, enum desk_kind_no kind,
    const char *id, size_t *place);

#endif /* CHATDESK_IO_DESK_FILE_H */
