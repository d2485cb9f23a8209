/*
 * Which transport the next attempt takes.
 *
 *   socket --two attempts in a row without an answer--> poll
 *   poll   --two attempts in a row without an answer--> socket
 *   poll   --a socket beside it was answered (climb.ts)--> socket
 *
 * Purpose:    a network that lets no WebSocket through keeps nobody waiting.
 * Owner:      one value in the page's session storage.
 * Invariants: nothing is remembered but what has been answered: a desk that
 *             is away changes the rung of the next attempts, not of the next
 *             page.
 */

import { Keep } from './storage';
import type { Rung } from './transport';

const TRIES = 2;


export class Ladder {
    #keep = new Keep('chatdesk:', () => sessionStorage);
    #failures = 0;

    rung = this.#keep.get<Rung>('rung') ?? 'socket';

    /* An attempt ended and nobody had answered. */
    failed(): void {
        if (++this.#failures === TRIES) {
            this.#failures = 0;
            this.rung = this.rung === 'poll' ? 'socket' : 'poll';
        }
    }

    /* The desk answered on this rung. */
    reached(): void {
        this.#failures = 0;
        this.#keep.set('rung', this.rung);
    }
}
