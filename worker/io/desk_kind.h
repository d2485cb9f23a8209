/*
 * Kinds of settings: what each parser registers.
 *
 * To add a kind: a number in enum desk_kind_no (io/desk_file.h), a file
 * io/desk_<kind>.c with a struct desk_kind, its row in desk_kinds[]
 * (desk_file.c), what the core takes of it in struct desk_settings. Storage,
 * diffs and /v1/<kind> then know it.
 *
 * Purpose:    one way through all lists of the document.
 * Owner:      what open() allocates is the desk_file's, until close().
 * Invariants: a kind refers only to kinds before it; the driver reads and
 *             checks ids, in the order of the list, before item() is called
 *             for any of them.
 */

#ifndef CHATDESK_IO_DESK_KIND_H
#define CHATDESK_IO_DESK_KIND_H

#include "io/desk_file.h"
#include "io/json_check.h"

#define DESK_ID_MAX       64
#define DESK_ID_BYTES     "abcdefghijklmnopqrstuvwxyz"                        \
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define DESK_LOGIN_BYTES  "abcdefghijklmnopqrstuvwxyz0123456789._-"

struct desk_kind {
    const char  *name;          /* of the list */
    const char  *id;            /* member that is the id */
    const char  *id_bytes;      /* that an id may have */
    int          optional;      /* the list may be missing: it is empty */
    size_t       least;
    size_t       most;

    /* room for so many objects; 0, or -1 for memory */
    int        (*open)(struct desk_file *file, size_t count);

    /* the object at place i, whose id was read; faults go to `item` */
    void       (*item)(struct json_at *item, const char *id,
        struct desk_file *file, size_t i);
    void       (*close)(struct desk_file *file);

    /* JSON text of a list: objects that are there when the settings have
       none of their ids; NULL for none */
    const char  *builtin;
};

extern const struct desk_kind  desk_kind_queues;
extern const struct desk_kind  desk_kind_profiles;
extern const struct desk_kind  desk_kind_agents;
extern const struct desk_kind  desk_kind_keys;
extern const struct desk_kind  desk_kind_hours;
extern const struct desk_kind  desk_kind_flows;
extern const struct desk_kind  desk_kind_attributes;
extern const struct desk_kind  desk_kind_webhooks;

/* desk_templates.c: the list "templates" of a file, as far as it can be
   checked without the desk; faults begin with `name`. */
void desk_templates_check(struct json_object *templates, const char *name,
    const struct desk_file *file, struct fault *fault);

/* By number; by name, DESK_KINDS when there is none. */
const struct desk_kind *desk_kind(enum desk_kind_no number);
enum desk_kind_no desk_kind_named(const char *name);

/* For parsers: zeroed rows, never none; NULL for memory. */
void *desk_rows(size_t count, size_t size);

/* An id that refers to an object of another list; faults when there is
   none.  `what` names it: "queue". */
const char *desk_refer(struct json_at *at, const struct desk_file *file,
    enum desk_kind_no kind, const char *what);

/* agent, supervisor or admin: the member "role". */
const char *desk_role(struct json_at *item);

#endif /* CHATDESK_IO_DESK_KIND_H */
