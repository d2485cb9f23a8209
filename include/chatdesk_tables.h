/*
 * The tables of include/tbl/ as C: enums, limits and read-only look-ups.
 *
 * Purpose:    one spelling of every frame, field, error, close code, key,
 *             limit and state for the module, the worker and the tests.
 * Owner:      nobody; everything here is constant.
 * Invariants: numbers are stable for ever; a number is never used twice.
 */

#ifndef CHATDESK_TABLES_H
#define CHATDESK_TABLES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>


enum cd_field_type {
    CD_TYPE_STR = 1,
    CD_TYPE_TOKEN = 2,
    CD_TYPE_UINT = 3,
    CD_TYPE_BOOL = 4,
    CD_TYPE_LIST = 5
};

enum cd_field {
#define CD_FIELD(id, name, number, type, max, doc)  CD_F_##id = number,
#include "tbl/fields.h"
#undef CD_FIELD
    CD_FIELDS_MAX = 192      /* numbers end at 191; a frame has a bit each */
};

enum cd_dir { CD_DIR_C2S = 1, CD_DIR_S2C = 2, CD_DIR_BUS = 3 };
enum cd_roles { CD_ROLES_V = 1, CD_ROLES_A = 2, CD_ROLES_B = 3 };

enum cd_rate {
    CD_RATE_NONE = 0,
    CD_RATE_MESSAGE = 1,
    CD_RATE_CONTROL = 2,
    CD_RATE_HINT = 3
};

enum cd_kind {
    CD_KIND_REQUEST = 1,
    CD_KIND_HINT = 2,
    CD_KIND_ANSWER = 3,
    CD_KIND_STORED = 4,
    CD_KIND_REGISTER = 5,
    CD_KIND_PASSING = 6,
    CD_KIND_ENTRY = 7,
    CD_KIND_CALL = 8
};

enum cd_frame_type {
#define CD_FRAME(id, name, number, dir, roles, rate, kind, doc)               \
    CD_T_##id = number,
#define CD_FRAME_FIELD(frame, field, need)
#include "tbl/frames.h"
#undef CD_FRAME
#undef CD_FRAME_FIELD
    CD_FRAMES_MAX = 128
};

enum cd_error {
    CD_E_OK = 0,
#define CD_ERROR(id, code, http, text)  CD_E_##id,
#include "tbl/errors.h"
#undef CD_ERROR
    CD_ERRORS_MAX
};

enum cd_close {
#define CD_CLOSE(id, code, reason, doc)  CD_CLOSE_##id = code,
#include "tbl/closes.h"
#undef CD_CLOSE
    CD_CLOSE_NONE = 0
};

#define CD_LIMIT_DEFINED  1
static const uint64_t
#define CD_LIMIT(id, value, unit, doc)  CD_LIMIT_##id = value##ULL,
#include "tbl/limits.h"
#undef CD_LIMIT
    CD_LIMIT_NONE = 0;

enum cd_phase {
    CD_PHASE_NONE = 0,
#define CD_PHASE(id, name, number, doc)  CD_PHASE_##id = number,
#define CD_PHASE_EDGE(from, to, cause)
#define CD_PRESENCE(id, name, number, takes, doc)
#define CD_EVENT(id, name, doc)
#define CD_WHY(id, name, doc)
#include "tbl/states.h"
#undef CD_PHASE
#undef CD_PRESENCE
    CD_PHASES_MAX
};

enum cd_presence {
    CD_PRESENCE_NONE = 0,
#define CD_PHASE(id, name, number, doc)
#define CD_PRESENCE(id, name, number, takes, doc)  CD_PRESENCE_##id = number,
#include "tbl/states.h"
#undef CD_PHASE
#undef CD_PHASE_EDGE
#undef CD_PRESENCE
#undef CD_EVENT
#undef CD_WHY
    CD_PRESENCES_MAX
};


struct cd_field_row {
    const char         *name;       /* NULL in a hole of the numbering */
    enum cd_field_type  type;
    uint64_t            max;        /* see tbl/fields.h */
};

struct cd_frame_row {
    const char         *name;       /* NULL in a hole of the numbering */
    enum cd_dir         dir;
    enum cd_roles       roles;
    enum cd_rate        rate;
    enum cd_kind        kind;
};

struct cd_error_row {
    const char         *code;
    int                 http;
    const char         *text;
};


/* Look-up by number; NULL when the number is not in the table. */

static inline const struct cd_field_row *
cd_field_row(unsigned number)
{
    static const struct cd_field_row  rows[CD_FIELDS_MAX] = {
#define CD_FIELD(id, name, number, type, max, doc)                            \
        [number] = { #name, CD_TYPE_##type, max },
#include "tbl/fields.h"
#undef CD_FIELD
    };

    if (number >= CD_FIELDS_MAX || rows[number].name == NULL) {
        return NULL;
    }

    return &rows[number];
}


static inline const struct cd_frame_row *
cd_frame_row(unsigned number)
{
    static const struct cd_frame_row  rows[CD_FRAMES_MAX] = {
#define CD_FRAME(id, name, number, dir, roles, rate, kind, doc)               \
        [number] = { #name, CD_DIR_##dir, CD_ROLES_##roles, CD_RATE_##rate,   \
                     CD_KIND_##kind },
#define CD_FRAME_FIELD(frame, field, need)
#include "tbl/frames.h"
#undef CD_FRAME
#undef CD_FRAME_FIELD
    };

    if (number >= CD_FRAMES_MAX || rows[number].name == NULL) {
        return NULL;
    }

    return &rows[number];
}


/* The row of an error; every enum cd_error but CD_E_OK has one. */

static inline const struct cd_error_row *
cd_error_row(enum cd_error error)
{
    static const struct cd_error_row  rows[CD_ERRORS_MAX] = {
#define CD_ERROR(id, code, http, text)  [CD_E_##id] = { #code, http, text },
#include "tbl/errors.h"
#undef CD_ERROR
    };

    if (error <= CD_E_OK || error >= CD_ERRORS_MAX) {
        return &rows[CD_E_INTERNAL];
    }

    return &rows[error];
}


/*
 * The error with this code; CD_E_INTERNAL when there is none, so that an
 * answer from a newer library never passes for success.
 */

static inline enum cd_error
cd_error_find(const char *code, size_t len)
{
    int                         i;
    const struct cd_error_row  *row;

    for (i = CD_E_OK + 1; i < CD_ERRORS_MAX; i++) {
        row = cd_error_row((enum cd_error) i);

        if (strlen(row->code) == len && memcmp(row->code, code, len) == 0) {
            return (enum cd_error) i;
        }
    }

    return CD_E_INTERNAL;
}


/* Number of the frame type with this name and direction; 0 for none. */

static inline unsigned
cd_frame_find(enum cd_dir dir, const char *name, size_t len)
{
    unsigned                    i;
    const struct cd_frame_row  *row;

    for (i = 1; i < CD_FRAMES_MAX; i++) {
        row = cd_frame_row(i);

        if (row != NULL && row->dir == dir && strlen(row->name) == len
            && memcmp(row->name, name, len) == 0)
        {
            return i;
        }
    }

    return 0;
}


enum cd_need { CD_ABSENT = 0, CD_OPTIONAL = 1, CD_REQUIRED = 2 };

/* Whether a frame type may or must carry a field. */

static inline enum cd_need
cd_frame_need(unsigned type, unsigned field)
{
    static const uint8_t  needs[CD_FRAMES_MAX][CD_FIELDS_MAX] = {
#define CD_FRAME(id, name, number, dir, roles, rate, kind, doc)
#define CD_FRAME_FIELD(frame, field, need)                                    \
        [CD_T_##frame][CD_F_##field] = CD_##need,
#include "tbl/frames.h"
#undef CD_FRAME
#undef CD_FRAME_FIELD
    };

    if (type >= CD_FRAMES_MAX || field >= CD_FIELDS_MAX) {
        return CD_ABSENT;
    }

    return (enum cd_need) needs[type][field];
}


/* Names of states, as they stand in frames; NULL for no such state. */

static inline const char *
cd_phase_name(unsigned phase)
{
    switch (phase) {
#define CD_PHASE(id, name, number, doc)  case number: return #name;
#define CD_PHASE_EDGE(from, to, cause)
#define CD_PRESENCE(id, name, number, takes, doc)
#define CD_EVENT(id, name, doc)
#define CD_WHY(id, name, doc)
#include "tbl/states.h"
#undef CD_PHASE
#undef CD_PRESENCE
    default: return NULL;
    }
}


static inline int
cd_phase_edge(unsigned from_phase, unsigned to_phase)
{
    static const uint8_t  edges[CD_PHASES_MAX][CD_PHASES_MAX] = {
#undef CD_PHASE_EDGE
#define CD_PHASE(id, name, number, doc)
#define CD_PRESENCE(id, name, number, takes, doc)
#define CD_PHASE_EDGE(from, to, cause)                                        \
        [CD_PHASE_##from][CD_PHASE_##to] = 1,
#include "tbl/states.h"
#undef CD_PHASE
#undef CD_PHASE_EDGE
#undef CD_PRESENCE
    };

    return from_phase < CD_PHASES_MAX && to_phase < CD_PHASES_MAX
           && edges[from_phase][to_phase];
}


static inline const char *
cd_presence_name(unsigned state)
{
    switch (state) {
#define CD_PHASE(id, name, number, doc)
#define CD_PHASE_EDGE(from, to, cause)
#define CD_PRESENCE(id, name, number, takes, doc)  case number: return #name;
#include "tbl/states.h"
#undef CD_PHASE
#undef CD_PHASE_EDGE
#undef CD_PRESENCE
    default: return NULL;
    }
}


/* Whether an agent in this presence state is offered conversations. */

static inline int
cd_presence_takes(unsigned state)
{
    switch (state) {
#define CD_PHASE(id, name, number, doc)
#define CD_PHASE_EDGE(from, to, cause)
#define CD_PRESENCE(id, name, number, takes, doc)  case number: return takes;
#include "tbl/states.h"
#undef CD_PHASE
#undef CD_PHASE_EDGE
#undef CD_PRESENCE
    default: return 0;
    }
}

#undef CD_EVENT
#undef CD_WHY

#endif /* CHATDESK_TABLES_H */
