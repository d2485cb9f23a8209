/*
 * Settings that hold; see config.h.
 *
 * Purpose:    load, take, change, store.
 * Owner:      see config.h.
 * Invariants: `stored` is what Redis has, or will have with the commit that
 *             config_store() writes to.
 */

#include "io/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/desk_kind.h"
#include "io/document.h"

#define FIELD_MAX  160
#define NAME       "the settings"

struct config {
    struct desk_file    *seed;          /* owns; desk.json, as read last */
    struct desk_file    *file;          /* owns; what holds; NULL: the seed */
    struct json_object  *stored;        /* shares; NULL: nothing */
    uint64_t             revision;
    char                 taken[DESK_DIGEST_LEN + 1];    /* of the file */
    int                  unread;        /* Redis has what cannot be used */
    char                 why[FAULT_MAX];        /* ... and why not */
};


struct config *
config_new(struct desk_file **seed)
{
    struct config  *config = calloc(1, sizeof(*config));

    if (config != NULL) {
        config->seed = *seed;
        *seed = NULL;
    }

    return config;
}


void
config_free(struct config **owned)
{
    struct config  *config = *owned;

    *owned = NULL;

    if (config != NULL) {
        desk_file_free(&config->seed);
        desk_file_free(&config->file);
        json_object_put(config->stored);
        free(config);
    }
}


const struct desk_file *
config_file(const struct config *config)
{
    return config->file != NULL ? config->file : config->seed;
}


const char *
config_alert(const struct config *config)
{
    return config->unread ? config->why : NULL;
}


uint64_t
config_revision(const struct config *config)
{
    return config->revision;
}


int
config_reseed(struct config *config, struct desk_file **seed)
{
    desk_file_free(&config->seed);
    config->seed = *seed;
    *seed = NULL;

    return strcmp(config->seed->digest, config->taken) != 0;
}


/* -- loading -- */

void
config_load_begin(struct config *config)
{
    json_object_put(config->stored);
    config->stored = NULL;
    config->revision = 0;
    config->taken[0] = '\0';
    config->unread = 0;
    config->why[0] = '\0';
}


static int
load_meta(struct config *config, struct json_object *value)
{
    struct json_object  *revision = NULL, *taken = NULL;

    json_object_object_get_ex(value, "revision", &revision);
    json_object_object_get_ex(value, "file", &taken);

    if (!json_object_is_type(revision, json_type_int)
        || !json_object_is_type(taken, json_type_string))
    {
        return -1;
    }

    config->revision = json_object_get_uint64(revision);
    snprintf(config->taken, sizeof(config->taken), "%s",
             json_object_get_string(taken));

    return 0;
}


/* An object goes to the end of its list; config_loaded() sorts. */

static int
load_object(struct config *config, const char *kind,
    struct json_object *value)
{
    struct json_object  *list = NULL;

    if (config->stored == NULL) {
        config->stored = json_object_new_object();
    }

    json_object_object_get_ex(config->stored, kind, &list);

    if (list == NULL) {
        list = json_object_new_array();
        json_object_object_add(config->stored, kind, list);
    }

    return json_object_array_add(list, json_object_get(value));
}


static int
load_scalars(struct config *config, struct json_object *value)
{
    if (config->stored == NULL) {
        config->stored = json_object_new_object();
    }

    json_object_object_foreach(value, name, scalar) {
        json_object_object_add(config->stored, name,
                               json_object_get(scalar));
    }

    return 0;
}


int
config_load(struct config *config, const char *field, const char *value,
    size_t len, const char **why)
{
    int                  rc;
    char                 kind[FIELD_MAX];
    struct fault         fault = { "" };
    struct json_object  *object = NULL;

    *why = "not an object of the settings";
    snprintf(kind, sizeof(kind), "%s", field);
    kind[strcspn(kind, "/")] = '\0';

    if (json_document(&object, field, value, len, &fault) != 0
        || !json_object_is_type(object, json_type_object))
    {
        config->unread = 1;
        json_object_put(object);
        return -1;
    }

    if (strcmp(field, "meta") == 0) {
        rc = load_meta(config, object);

    } else if (strcmp(field, "desk") == 0) {
        rc = load_scalars(config, object);

    } else {
        rc = load_object(config, kind, object);
    }

    config->unread |= rc != 0;
    json_object_put(object);

    return rc;
}


/* The seed as a sorted document, parsed; NULL with *fault set. */

static struct desk_file *
seed_file(const struct config *config, struct fault *fault)
{
    struct desk_file    *file;
    struct json_object  *sorted = document_sorted(config->seed->root);

    if (sorted == NULL) {
        fault_set(fault, "no memory");
        return NULL;
    }

    file = desk_file_take(NAME, sorted, fault);
    json_object_put(sorted);

    return file;
}


static void
seed_taken(struct config *config)
{
    snprintf(config->taken, sizeof(config->taken), "%s",
             config->seed->digest);
}


int
config_loaded(struct config *config, const char **what, struct fault *fault)
{
    struct fault         none;
    struct json_object  *sorted = NULL;

    fault->text[0] = '\0';
    desk_file_free(&config->file);

    if (config->stored != NULL) {
        sorted = document_sorted(config->stored);
        json_object_put(config->stored);
        config->stored = sorted;
    }

    if (config->stored != NULL && !config->unread
        && strcmp(config->taken, config->seed->digest) == 0)
    {
        *what = "those stored in Redis";
        config->file = desk_file_take(NAME, config->stored, fault);
        config->unread = config->file == NULL;

    } else {
        *what = config->stored == NULL ? "desk.json; there were none"
                                       : "desk.json, which is another one";
    }

    if (config->file == NULL) {
        config->file = seed_file(config, &none);
        seed_taken(config);
    }

    if (config->unread && fault->text[0] == '\0') {
        fault_set(fault, "they are no objects of settings");
    }

    snprintf(config->why, sizeof(config->why), "%s", fault->text);

    return config->file != NULL ? 0 : -1;
}


int
config_renew(struct config *config, uint64_t now_ms)
{
    return desk_file_renew(config->file != NULL ? config->file
                                                : config->seed, now_ms);
}


/* -- storing -- */

/* Whether a member of an agent is another one. */

static int
agent_differs(struct json_object *old, struct json_object *fresh,
    const char *name)
{
    struct json_object  *a = NULL, *b = NULL;

    json_object_object_get_ex(old, name, &a);
    json_object_object_get_ex(fresh, name, &b);

    return !json_object_equal(a, b);
}


static void
store_one(void *data, enum desk_kind_no kind, const char *id,
    struct json_object *old, struct json_object *fresh)
{
    char             field[FIELD_MAX];
    const char      *text;
    struct changes  *changes = data;

    if (kind == DESK_KINDS) {
        snprintf(field, sizeof(field), "desk");
    } else {
        snprintf(field, sizeof(field), "%s/%s", desk_kind(kind)->name, id);
    }

    /* who is gone, or has another role or password, signs in anew */
    if (kind == DESK_AGENTS && old != NULL
        && (fresh == NULL || agent_differs(old, fresh, "role")
            || agent_differs(old, fresh, "password_hash")))
    {
        changes_void(changes, id);
    }

    if (fresh == NULL) {
        changes_drop(changes, CONFIG_ENTITY, field);
        return;
    }

    text = json_object_to_json_string_ext(fresh, JSON_C_TO_STRING_PLAIN
                                          | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text == NULL) {
        changes_fail(changes);
        return;
    }

    changes_put(changes, CONFIG_ENTITY, field, text, strlen(text));
}


void
config_store(struct config *config, struct changes *changes)
{
    char                 meta[160];
    struct json_object  *none, *fresh = config->file->root;

    /* what is there and cannot be read is left for who can */
    if (config->stored == fresh || config->unread) {
        return;
    }

    none = json_object_new_object();

    if (none == NULL) {
        changes_fail(changes);
        return;
    }

    document_diff(config->stored != NULL ? config->stored : none, fresh,
                  store_one, changes);
    config->revision++;
    snprintf(meta, sizeof(meta), "{\"revision\":%llu,\"file\":\"%s\"}",
             (unsigned long long) config->revision, config->taken);
    changes_put(changes, CONFIG_ENTITY, "meta", meta, strlen(meta));

    json_object_put(none);
    json_object_put(config->stored);
    config->stored = json_object_get(fresh);
}


/* -- changing -- */

/* Parses a document that is to hold; NULL with *fault set. */

static struct desk_file *
change_file(const struct config *config, struct json_object *document,
    struct fault *fault)
{
    if (config->unread) {
        fault_set(fault, "the stored settings cannot be used by this version "
                  "of the worker, so they are not changed");
        return NULL;
    }

    return desk_file_take(NAME, document, fault);
}


int
config_try(const struct config *config, struct json_object *document,
    struct fault *fault)
{
    struct desk_file  *file = change_file(config, document, fault);

    desk_file_free(&file);

    return fault->text[0] == '\0' ? 0 : -1;
}


int
config_change(struct config *config, struct json_object *document,
    struct desk *desk, uint64_t now_ms, struct changes *changes,
    struct fault *fault)
{
    const char        *why = "";
    struct desk_file  *file = change_file(config, document, fault);

    if (file == NULL) {
        return -1;
    }

    if (desk_reconfigure(desk, &file->settings, now_ms, changes, &why) != 0) {
        fault_set(fault, "%s", why);
        desk_file_free(&file);
        return -1;
    }

    desk_file_free(&config->file);
    config->file = file;
    config_store(config, changes);

    return 0;
}


void
config_take_seed(struct config *config, struct desk *desk, uint64_t now_ms,
    struct changes *changes, struct fault *fault)
{
    struct json_object  *sorted;

    fault->text[0] = '\0';

    if (strcmp(config->taken, config->seed->digest) == 0) {
        return;
    }

    sorted = document_sorted(config->seed->root);

    if (sorted == NULL) {
        changes_fail(changes);
        return;
    }

    /* refused or not, it is not tried again and again */
    seed_taken(config);
    config_change(config, sorted, desk, now_ms, changes, fault);
    json_object_put(sorted);
}
