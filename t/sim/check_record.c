/*
 * The invariant of interaction records.
 *
 *   S25 a record begins with the start, has an end for each offer but a
 *       standing one, is open to everybody who has accepted, and is found by
 *       its own client and no other
 *
 * Purpose:    counts offers and their ends among the entries.
 * Owner:      struct sim.
 * Invariants: none of its own.
 */

#include "check.h"


static struct sim_conv *
numbered(struct sim *sim, uint64_t number)
{
    size_t  i;

    for (i = sim->conv_count; i > 0; i--) {
        if (sim->convs[i - 1].number == number) {
            return &sim->convs[i - 1];
        }
    }

    return NULL;
}


/* The value of `what` in an entry. */

static struct cd_str
entry_what(struct cd_str entry, msgpack_unpacked *unpacked)
{
    size_t                    offset = 0;
    uint32_t                  i;
    struct cd_str             what = { "", 0 };
    const msgpack_object_kv  *pair;

    if (msgpack_unpack_next(unpacked, entry.data, entry.len, &offset)
            != MSGPACK_UNPACK_SUCCESS
        || unpacked->data.type != MSGPACK_OBJECT_MAP)
    {
        return what;
    }

    for (i = 0; i < unpacked->data.via.map.size; i++) {
        pair = &unpacked->data.via.map.ptr[i];

        if (pair->key.via.str.size == 4
            && memcmp(pair->key.via.str.ptr, "what", 4) == 0)
        {
            what.data = pair->val.via.str.ptr;
            what.len = pair->val.via.str.size;
        }
    }

    return what;
}


/* Another interaction of the conversation, with a number of its own. */

static void
begin(struct sim_conv *conv)
{
    conv->entries = 0;
    conv->entry_offers = 0;
    conv->entry_answers = 0;
    memset(conv->recorded, 0, sizeof(conv->recorded));
}


/* How an interaction came out may be said after the conversation went on. */

static int
is_owed(const struct sim *sim, uint64_t number, struct cd_str what)
{
    size_t  i;

    for (i = 0; i < sim->conv_count; i++) {
        if (sim->convs[i].earlier == number) {
            return number != 0 && cd_str_is(what, "wrapup");
        }
    }

    return 0;
}


void
sim_record(struct sim *sim, const struct op *op)
{
    struct cd_str      what;
    struct sim_conv   *conv = numbered(sim, op->number[0]);
    msgpack_unpacked   unpacked;

    msgpack_unpacked_init(&unpacked);
    what = entry_what(op->text[1], &unpacked);

    if (conv == NULL && is_owed(sim, op->number[0], what)) {
        msgpack_unpacked_destroy(&unpacked);
        return;
    }

    if (conv != NULL && cd_str_is(what, "started")) {
        begin(conv);
    }

    if (conv == NULL
        || (conv->entries == 0) != cd_str_is(what, "started"))
    {
        sim_fail(sim, "S25: an entry in no record, or not the first");

    } else if (sim->fault != SIM_FAULT_LOST_ENTRY
               || !cd_str_is(what, "missed"))
    {
        conv->entries++;
        conv->entry_offers += (size_t) cd_str_is(what, "offered");
        conv->entry_answers += (size_t) (cd_str_is(what, "accepted")
                                         || cd_str_is(what, "rejected")
                                         || cd_str_is(what, "missed")
                                         || cd_str_is(what, "withdrawn"));
    }

    msgpack_unpacked_destroy(&unpacked);
}


void
sim_recorded(struct sim *sim, const struct op *op)
{
    int               agent = sim_agent_find(sim, op->text[1]);
    struct sim_conv  *conv = numbered(sim, op->number[0]);

    if (conv == NULL || agent < 0) {
        sim_fail(sim, "S25: a record of nobody is opened");
        return;
    }

    if (!cd_str_is(op->text[3], sim_is_item(conv)
                                ? "" : sim->visitor_ids[conv->visitor]))
    {
        sim_fail(sim, "S25: the record of %s is found by another client",
                 conv->id);
    }

    conv->recorded[agent] = 1;
}


void
check_record(struct sim *sim, struct sim_conv *conv)
{
    int       agent;
    uint64_t  expires;
    size_t    stands = check_offered_to(sim, conv, &expires) >= 0;

    if (conv->entries == 0
        || conv->entry_offers != conv->entry_answers + stands)
    {
        sim_fail(sim, "S25: %s has %zu offers and %zu ends in its record",
                 conv->id, conv->entry_offers, conv->entry_answers);
    }

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        if (conv->member[agent] == SIM_MEMBER && !conv->recorded[agent]) {
            sim_fail(sim, "S25: the record of %s is not open to %s",
                     conv->id, sim->agents[agent].id);
        }
    }
}
