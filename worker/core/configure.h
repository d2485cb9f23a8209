/*
 * Settings of a desk, taken over while it runs.
 *
 * Purpose:    what desk_configure() and desk_reconfigure() share.
 * Owner:      nothing; the core copies what it needs of the settings.
 * Invariants: those of configure.c.
 */

#ifndef CHATDESK_CORE_CONFIGURE_H
#define CHATDESK_CORE_CONFIGURE_H

#include "core/desk.h"

/* 0; -1 with *why a constant text, and the desk as it was. */
int configure(struct desk *desk, const struct desk_settings *settings,
    const char **why);

#endif /* CHATDESK_CORE_CONFIGURE_H */
