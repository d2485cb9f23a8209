/*
 * The sections [outbound] and [push] of worker.ini; see settings_out.h.
 *
 * Purpose:    what takes each setting.
 * Owner:      see settings.h.
 * Invariants: those of settings_out.h.
 */

#include "io/settings_out.h"

#include <stdlib.h>
#include <string.h>

#include "io/settings.h"

#define CONTACT_MAX  200


static int
replace(char **slot, const char *value)
{
    char  *copy = strdup(value);

    if (copy == NULL) {
        return -1;
    }

    free(*slot);
    *slot = copy;

    return 0;
}


int
settings_outbound_take(struct outbound_settings *outbound, const char *name,
    const char *value, struct fault *fault)
{
    if (strcmp(name, "ca") == 0) {
        return replace(&outbound->ca, value);
    }

    if (strcmp(name, "private") != 0) {
        return 1;
    }

    outbound->private = strcmp(value, "on") == 0;

    if (!outbound->private && strcmp(value, "off") != 0) {
        fault_set(fault, "expected on or off");
        return -1;
    }

    return 0;
}


/* It stands in a token, as JSON. */

static int
take_contact(struct push_settings *push, const char *value,
    struct fault *fault)
{
    size_t       i, len = strlen(value);
    static const char  not_allowed[] = "\"\\<> ";

    for (i = 0; i < len && value[i] > ' ' && value[i] < 127; i++) {
        /* void */
    }

    if (i < len || len > CONTACT_MAX || value[strcspn(value, not_allowed)]
        || ((strncmp(value, "mailto:", 7) != 0 || strchr(value, '@') == NULL)
            && strncmp(value, "https://", 8) != 0))
    {
        fault_set(fault, "expected mailto:somebody@example.com or an "
                  "address of https://");
        return -1;
    }

    return replace(&push->contact, value);
}


int
settings_push_take(struct push_settings *push, const char *name,
    const char *value, struct fault *fault)
{
    if (strcmp(name, "key") == 0) {
        return replace(&push->key, value);
    }

    return strcmp(name, "contact") == 0 ? take_contact(push, value, fault)
                                        : 1;
}


const char *
settings_push_wrong(const struct push_settings *push)
{
    return (push->key != NULL) != (push->contact != NULL)
           ? "expected both key and contact" : NULL;
}


void
settings_outbound_clear(struct outbound_settings *outbound)
{
    free(outbound->ca);
    memset(outbound, 0, sizeof(*outbound));
}


void
settings_push_clear(struct push_settings *push)
{
    free(push->key);
    free(push->contact);
    memset(push, 0, sizeof(*push));
}
