/*
 * Randomness from a seed: SplitMix64 (Steele, Lea, Flood 2014).
 *
 * Purpose:    the only source of chance in the simulator.
 * Owner:      struct sim.
 * Invariants: the same seed gives the same run.
 */

#include "sim.h"


uint64_t
sim_random(struct sim *sim)
{
    uint64_t  z;

    z = (sim->rng.state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;

    return z ^ (z >> 31);
}


unsigned
sim_below(struct sim *sim, unsigned n)
{
    return (unsigned) (sim_random(sim) % n);
}


int
sim_chance(struct sim *sim, unsigned percent)
{
    return sim_below(sim, 100) < percent;
}
