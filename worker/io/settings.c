/*
 * The worker's settings; see settings.h.
 *
 * Purpose:    one row for each setting: name, what takes it; the section
 *             [redis] is in settings_redis.c, [outbound] and [push] are in
 *             settings_out.c.
 * Owner:      a struct reading lives for one call of settings_read().
 * Invariants: the first fault stands, with the line it was found in.
 */

#include "io/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "io/settings_redis.h"

struct reading {
    struct settings  *settings;         /* borrows */
    struct fault      what;             /* without file and line */
};


void
fault_set(struct fault *fault, const char *format, ...)
{
    va_list  args;

    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
}


char *
settings_slurp(const char *path, size_t max, size_t *len, struct fault *fault)
{
    char   *text = NULL;
    FILE   *file = fopen(path, "rb");

    if (file == NULL) {
        fault_set(fault, "%s: %s", path, strerror(errno));
        return NULL;
    }

    text = malloc(max + 2);
    if (text == NULL) {
        fault_set(fault, "%s: no memory", path);
        fclose(file);
        return NULL;
    }

    *len = fread(text, 1, max + 1, file);

    if (ferror(file) || *len > max) {
        fault_set(fault, ferror(file) ? "%s: cannot be read"
                                      : "%s: is too large", path);
        free(text);
        text = NULL;

    } else {
        text[*len] = '\0';
    }

    fclose(file);

    return text;
}


/* Whether 1 to `max` bytes, all of them of `allowed`. */

static int
is_word(const char *word, const char *allowed, size_t max)
{
    size_t  len = strlen(word);

    return len >= 1 && len <= max && strspn(word, allowed) == len;
}


/* Takers of one value; 0, or -1 with what was expected. */

static int
take_name(struct settings *settings, const char *value, struct fault *fault)
{
    if (!is_word(value, "abcdefghijklmnopqrstuvwxyz0123456789-", 32)) {
        fault_set(fault, "expected a name of 1 to 32 of a-z, 0-9 and -");
        return -1;
    }

    free(settings->name);
    settings->name = strdup(value);

    return settings->name != NULL ? 0 : -1;
}


static int
take_log_level(struct settings *settings, const char *value,
    struct fault *fault)
{
    settings->log_level = log_level_find(value);

    if (settings->log_level == 0) {
        fault_set(fault, "expected crit, error, warning, notice, info or "
                  "debug");
        return -1;
    }

    return 0;
}


static int
take_log_format(struct settings *settings, const char *value,
    struct fault *fault)
{
    if (log_format_find(value, &settings->log_format) != 0) {
        fault_set(fault, "expected text or json");
        return -1;
    }

    return 0;
}


static const struct row {
    const char  *name;
    int        (*take)(struct settings *settings, const char *value,
                   struct fault *fault);
} rows[] = {
    { "name",          take_name },
    { "log_level",     take_log_level },
    { "log_format",    take_log_format },
};


/* [worker]; 1 when there is no such setting. */

static int
take_worker(struct settings *settings, const char *name, const char *value,
    struct fault *fault)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].take(settings, value, fault);
        }
    }

    return 1;
}


/* [desk NAME] config = PATH */

static int
take_desk(struct settings *settings, const char *desk, const char *name,
    const char *value, struct fault *fault)
{
    size_t              i;
    struct desk_entry  *desks;

    if (!is_word(desk, "abcdefghijklmnopqrstuvwxyz0123456789-", 32)) {
        fault_set(fault, "[desk %s]: expected a desk's name of 1 to 32 of "
                  "a-z, 0-9 and -", desk);
        return -1;
    }

    if (strcmp(name, "config") != 0) {
        fault_set(fault, "[desk %s] knows no setting \"%s\", expected "
                  "config", desk, name);
        return -1;
    }

    for (i = 0; i < settings->desk_count; i++) {
        if (strcmp(settings->desks[i].name, desk) == 0) {
            fault_set(fault, "[desk %s] is there twice", desk);
            return -1;
        }
    }

    if (settings->desk_count == SETTINGS_DESKS_MAX) {
        fault_set(fault, "expected at most %d desks", SETTINGS_DESKS_MAX);
        return -1;
    }

    desks = realloc(settings->desks, (i + 1) * sizeof(*desks));
    if (desks == NULL) {
        return -1;
    }

    settings->desks = desks;
    desks[i].name = strdup(desk);
    desks[i].config = strdup(value);
    settings->desk_count++;

    return desks[i].name != NULL && desks[i].config != NULL ? 0 : -1;
}


static int
take(void *data, const char *section, const char *name, const char *value)
{
    int              rc = 1;
    struct fault     what = { "no memory" };
    struct reading  *reading = data;

    if (reading->what.text[0] != '\0') {
        return 1;
    }

    if (strncmp(section, "desk ", 5) == 0) {
        if (take_desk(reading->settings, section + 5, name, value, &what)
            == 0)
        {
            return 1;
        }

        reading->what = what;
        return 0;
    }

    if (strcmp(section, "worker") == 0) {
        rc = take_worker(reading->settings, name, value, &what);

    } else if (strcmp(section, "redis") == 0) {
        rc = settings_redis_take(&reading->settings->redis, name, value,
                                 &what);

    } else if (strcmp(section, "outbound") == 0) {
        rc = settings_outbound_take(&reading->settings->outbound, name,
                                    value, &what);

    } else if (strcmp(section, "push") == 0) {
        rc = settings_push_take(&reading->settings->push, name, value,
                                &what);
    }

    if (rc == 0) {
        return 1;
    }

    if (rc < 0) {
        fault_set(&reading->what, "%s: %.*s", name, FAULT_MAX - 100,
                  what.text);
        return 0;
    }

    fault_set(&reading->what, "[%.40s] %.40s is not a setting", section,
              name);

    return 0;
}


/* What no single line can say. */

static int
settings_check(struct settings *settings, const char *path,
    struct fault *fault)
{
    const char  *wrong = settings_redis_wrong(&settings->redis);

    if (wrong != NULL) {
        fault_set(fault, "%s: [redis] %s", path, wrong);
        return -1;
    }

    wrong = settings_push_wrong(&settings->push);

    if (wrong != NULL) {
        fault_set(fault, "%s: [push] %s", path, wrong);
        return -1;
    }

    if (settings->desk_count == 0) {
        fault_set(fault, "%s: expected at least one section [desk NAME] with "
                  "config = PATH", path);
        return -1;
    }

    return 0;
}


int
settings_read(struct settings *settings, const char *path,
    struct fault *fault)
{
    int             line;
    struct reading  reading = { settings, { "" } };

    memset(settings, 0, sizeof(*settings));
    settings->log_level = LOG_LEVEL_NOTICE;
    settings->name = strdup("worker");

    if (settings->name == NULL) {
        fault_set(fault, "%s: no memory", path);
        return -1;
    }

    line = ini_parse(path, take, &reading);

    if (line < 0) {
        fault_set(fault, "%s: %s", path, strerror(errno));

    } else if (line > 0) {
        fault_set(fault, "%s:%d: %.*s", path, line, FAULT_MAX - 200,
                  reading.what.text[0] != '\0' ? reading.what.text
                  : "expected [section], name = value or a comment");

    } else if (settings_check(settings, path, fault) == 0) {
        return 0;
    }

    settings_clear(settings);

    return -1;
}


void
settings_clear(struct settings *settings)
{
    size_t  i;

    for (i = 0; i < settings->desk_count; i++) {
        free(settings->desks[i].name);
        free(settings->desks[i].config);
    }

    settings_redis_clear(&settings->redis);
    settings_outbound_clear(&settings->outbound);
    settings_push_clear(&settings->push);
    free(settings->desks);
    free(settings->name);
    memset(settings, 0, sizeof(*settings));
}
