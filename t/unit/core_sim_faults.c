/*
 * The simulator's checker can fail: with a fault put into the simulator's own
 * Redis or settings, some seed soon shows a violation; without, none does.
 *
 * link: worker/core t/sim/ops.c t/sim/rng.c t/sim/redis.c t/sim/clients.c
 * link: t/sim/shell.c t/sim/settings.c t/sim/check.c t/sim/check_assign.c
 * link: t/sim/check_notify.c t/sim/clients_notify.c t/sim/redis_kept.c
 * link: t/sim/clients_life.c t/sim/redis_life.c t/sim/shell_notes.c
 * link: t/sim/run.c t/sim/flows.c t/sim/again.c t/sim/templates.c
 * link: t/sim/check_figures.c t/sim/check_record.c
 * link: t/sim/registers.c t/sim/twin.c t/sim/items.c t/sim/push.c
 * link: t/sim/shell_load.c t/sim/trace.c t/sim/skills.c
 * link: -lmsgpackc
 *
 * Purpose:    keeps the simulator honest.
 * Owner:      nothing.
 * Invariants: none.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../sim/sim.h"

#define EVENTS  600
#define SEEDS   40


/* The first seed at which the fault is noticed; 0 for none. */

static uint64_t
seed_that_notices(enum sim_fault fault)
{
    uint64_t     seed, found = 0;
    struct sim  *sim;

    for (seed = 1; seed <= SEEDS && found == 0; seed++) {
        sim = sim_new(seed, fault, 1);
        sim_run(sim, EVENTS);

        if (sim->violations > 0) {
            found = seed;
        }

        sim_free(&sim);
    }

    return found;
}


static void
test_sound(void **state)
{
    (void) state;
    assert_int_equal(seed_that_notices(SIM_FAULT_NONE), 0);
}


static void
test_faults(void **state)
{
    int                        fault;
    static const char *const   names[SIM_FAULTS] = {
        "none", "capacity", "accept limit", "card not removed", "marks lost",
        "sessions lost", "entity not written", "leak", "applied twice",
        "told too often", "focus lost", "notice lost", "notice not removed",
        "alert not written",
        "wrap-up too long", "observer seen", "membership not ended",
        "settings not taken",
        "another rule", "a slow janitor", "patience with the absent",
        "templates not told",
        "figures lost", "waits not loaded", "entry lost",
        "no capacity by channel",
        "jobs not taken back", "ends of what is not shown",
        "skills not looked at"
    };

    (void) state;

    for (fault = SIM_FAULT_NONE + 1; fault < SIM_FAULTS; fault++) {
        if (seed_that_notices((enum sim_fault) fault) == 0) {
            fail_msg("nobody notices: %s", names[fault]);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_faults)
    };

    return cmocka_run_group_tests_name("core_sim_faults", tests, NULL, NULL);
}
