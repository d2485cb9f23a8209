/*
 * What people are called.  Pure functions.
 */

import type { Card } from './inbox';

/* The client's name, or what stands for it. */
export function clientName(card: Card): string {
    if (card.name) {
        return card.name;
    }

    return card.number === undefined ? 'Visitor' : `Visitor ${card.number}`;
}
