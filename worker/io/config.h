/*
 * The settings of a desk that runs: what holds, what is stored, what changes.
 *
 *   desk.json --seed--+
 *                     +--> document --> desk_reconfigure()
 *   Redis, e:config --+        ^             |
 *                              |             v
 *   REST, chatdeskctl, SIGHUP -+      PUT and DROP in the commit
 *
 * In Redis each object has a field of its own, `<kind>/<id>`; `desk` has the
 * scalars, `meta` the revision and the digest of the file that was taken last.
 * A desk without settings there takes those of the file. A file that is not
 * the one taken last is taken as a whole, at start or SIGHUP: the last change
 * wins, whichever way it came.
 *
 * Purpose:    one place that holds and changes the settings.
 * Owner:      the shell owns a struct config, which owns its documents.
 * Invariants: what holds has been parsed without a fault, and is what the
 *             desk was configured with; a change is stored in the commit that
 *             carries what follows from it.
 */

#ifndef CHATDESK_IO_CONFIG_H
#define CHATDESK_IO_CONFIG_H

#include "io/desk_file.h"

#define CONFIG_ENTITY  "config"

struct config;

/* Takes the file over; NULL for memory (then it is still the caller's). */
struct config *config_new(struct desk_file **seed);
void config_free(struct config **config);

/* What holds, or would hold without Redis.  Borrows until a change. */
const struct desk_file *config_file(const struct config *config);
uint64_t config_revision(const struct config *config);

/* Why those that are stored are not used, and nothing can be changed; NULL
   when all is well.  Borrows. */
const char *config_alert(const struct config *config);

/* desk.json has been read again; 1 when it is another one. */
int config_reseed(struct config *config, struct desk_file **seed);

/* Loading: begin, each field, end.  config_load() gives 0, or -1 with *why a
   constant text; config_loaded() says in *what where the settings come
   from, and in *fault why those of Redis were not taken. */
void config_load_begin(struct config *config);
int config_load(struct config *config, const char *field, const char *value,
    size_t len, const char **why);
int config_loaded(struct config *config, const char **what,
    struct fault *fault);

/* The tables of business hours as of a later day; 0, -1 for memory. */
int config_renew(struct config *config, uint64_t now_ms);

/* What is to be stored since the last call of this, into a commit. */
void config_store(struct config *config, struct changes *changes);

/* A file that was read again is taken, if it is not the one taken last. */
void config_take_seed(struct config *config, struct desk *desk,
    uint64_t now_ms, struct changes *changes, struct fault *fault);

/* Whether config_change() would take the document; 0, -1 with *fault set. */
int config_try(const struct config *config, struct json_object *document,
    struct fault *fault);

/*
 * Makes a document hold, which is shared: parses it, reconfigures the desk,
 * ends logins of agents whose role or password is another or who are gone,
 * appends to the changes.  0; -1 with *fault set and nothing changed.
 */
int config_change(struct config *config, struct json_object *document,
    struct desk *desk, uint64_t now_ms, struct changes *changes,
    struct fault *fault);

#endif /* CHATDESK_IO_CONFIG_H */
