/*
 * What the handlers of settings share.
 *
 * Purpose:    one way to change the settings by the REST interface.
 * Owner:      nothing.
 * Invariants: every change is in the audit log, by whom and from where.
 */

#ifndef CHATDESK_API_SETTINGS_H
#define CHATDESK_API_SETTINGS_H

#include "api/resources.h"

/* config_change() of a document, and its entries in the audit log; 0, or -1
   with *fault set and nothing changed. */
int api_settings_apply(struct api_call *call, struct json_object *document,
    struct fault *fault);

/* The tag of an object, with its quotes. */
void api_settings_tag(struct json_object *object, char *tag, size_t size);

/* CD_E_OK when If-Match is not there or fits the tag ("" for no object). */
enum cd_error api_if_match(struct api_call *call, const char *tag);

#endif /* CHATDESK_API_SETTINGS_H */
