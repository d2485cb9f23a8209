/*
 * chatdeskctl: the settings of a desk as a file.
 *
 * Purpose:    what the files of the tool share.
 * Owner:      main() owns the struct ctl; documents are json-c objects of
 *             whoever got them.
 * Invariants: the tool knows the desk by its REST interface alone; a file is
 *             checked by the code that the worker checks it with; the API key
 *             is in no message and in no argument of the process.
 */

#ifndef CHATDESK_CTL_CTL_H
#define CHATDESK_CTL_CTL_H

#include <json-c/json.h>

#include "io/settings.h"

#define CTL_TAG_MAX   64
#define CTL_BODY_MAX  40000     /* of one request; CD_LIMIT_API_BODY is more */

struct ctl {
    const char  *url;           /* of the location with chatdesk_api */
    char        *key;           /* owns; wiped */
    const char  *ca;            /* file of certificates; NULL: the system's */
    const char  *socket;        /* Unix socket of nginx; NULL: by address */
    void        *curl;          /* owns */
    char         tag[CTL_TAG_MAX];  /* ETag of the last answer */
    char         field[96];     /* that the last refusal names */
    struct json_object *tags;   /* owns; revisions of templates, by id */
};

/* -- http.c -- */

/* 0; -1 with *fault set. */
int ctl_open(struct ctl *ctl, struct fault *fault);
void ctl_close(struct ctl *ctl);

/*
 * One request; `body` and `match` (If-Match) may be NULL.  The answer of a
 * 2xx, to be put by the caller, NULL when it is empty; else NULL and *fault
 * set, in the words of the desk.
 */
struct json_object *ctl_request(struct ctl *ctl, const char *method,
    const char *path, struct json_object *body, const char *match,
    struct fault *fault);

/* -- remote.c -- */

/* The desk's settings as a sorted document, and its tag in ctl->tag. */
struct json_object *ctl_read(struct ctl *ctl, struct fault *fault);

/* Asks the desk whether it would take them; 0, or -1 with *fault set.  Those
   that do not fit into one request are taken as the file's check found them,
   which is the desk's own. */
int ctl_try(struct ctl *ctl, struct json_object *wanted,
    struct fault *fault);

/* Makes the desk's settings those of `wanted`, that were `old` under the tag
   of ctl_read(); 0, or -1 with *fault set. */
int ctl_write(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, struct fault *fault);

/* -- push_key.c -- */

/* Writes a new private key for web push to a file that is not there yet; 0,
   or -1 with *fault set. */
int ctl_push_key(const char *path, struct fault *fault);

/* -- show.c -- */

/* Prints what differs; how many objects do. */
size_t ctl_show(struct json_object *old, struct json_object *wanted);

/* Prints what differs of one: NULL for what was not, or is to be no more. */
void ctl_show_object(const char *kind, const char *id,
    struct json_object *old, struct json_object *fresh);

/* -- templates.c: sets of them, from ids to what they say -- */

/* Of a checked list, and as one that can be printed. */
struct json_object *ctl_templates_of(struct json_object *list);
struct json_object *ctl_templates_list(struct json_object *set);

/* The desk's shared templates, and their revisions in ctl->tags. */
struct json_object *ctl_templates_read(struct ctl *ctl, struct fault *fault);

/* Prints what differs; how many do. */
size_t ctl_templates_show(struct json_object *old,
    struct json_object *wanted);

/*
 * What differs: tried out, or written, first what is to go.  0; -1 with
 * *fault set, which names the place in the file `path`.
 */
int ctl_templates_try(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, const char *path, struct fault *fault);
int ctl_templates_drop(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, struct fault *fault);
int ctl_templates_put(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, const char *path, struct fault *fault);

#endif /* CHATDESK_CTL_CTL_H */
