/*
 * Tells the desk which chat the agent looks at, so that nobody is told of
 * what is before their eyes.
 *
 * Owns nothing but the last word; said again after each welcome, since it
 * holds for one connection.
 */

import type { Connection } from '../shared/connection';

export class Gaze {
    readonly #connection: Connection;
    #told: string | undefined;

    constructor(connection: Connection) {
        this.#connection = connection;
    }

    /* A new connection has said nothing yet. */
    forget(): void {
        this.#told = undefined;
    }

    turn(conv: string | undefined): void {
        if (conv !== this.#told && this.#connection.send(
            { t: 'focus', ...conv !== undefined && { conv } }))
        {
            this.#told = conv;
        }
    }
}
