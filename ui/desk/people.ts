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

/* Ended, whether or not it is still being wrapped up. */
export function isOver(card: Card | undefined): boolean {
    return card?.phase === 'closed' || card?.phase === 'wrapup';
}
