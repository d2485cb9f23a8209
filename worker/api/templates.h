/*
 * What the handlers of templates share.
 *
 * Purpose:    templates by the path of a request.
 * Owner:      nothing; templates are the desk's.
 * Invariants: `own` says whether the path is that of the caller's own ones.
 */

#ifndef CHATDESK_API_TEMPLATES_H
#define CHATDESK_API_TEMPLATES_H

#include "api/resources.h"
#include "core/templates.h"

/* The caller, or "" where the path is that of the shared ones. */
const char *template_owner(struct api_call *call, int own);

/* The template of the path; NULL for none. */
struct template *template_named(struct api_call *call, int own);
enum cd_error template_none(struct api_call *call, const char *id);

/* CD_E_OK when what is there (NULL: nothing) is what If-Match says. */
enum cd_error template_match(struct api_call *call,
    const struct template *template);

/* The template of the path is the answer. */
enum cd_error template_answer(struct api_call *call, int own);

/* act(call, 1), refused to an API key: it is nobody who owns something. */
enum cd_error template_mine(struct api_call *call,
    enum cd_error (*act)(struct api_call *, int));

#endif /* CHATDESK_API_TEMPLATES_H */
