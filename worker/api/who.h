/*
 * Who asks: an agent by its login, or a program by its API key.
 *
 * Purpose:    role and name of a request's caller.
 * Owner:      nothing.
 * Invariants: the role is that of the settings as they are now, not as they
 *             were when somebody signed in.
 */

#ifndef CHATDESK_API_WHO_H
#define CHATDESK_API_WHO_H

#include "api/api.h"

/* Sets who, by and role; CD_E_OK or CD_E_UNAUTHORIZED. */
enum cd_error api_who(struct api_call *call);

#endif /* CHATDESK_API_WHO_H */
