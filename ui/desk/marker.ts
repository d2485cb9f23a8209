/*
 * Tells the desk how far this agent has received and read one conversation.
 *
 * Owner of its timer.  At most one mark a second, and only when something
 * has risen; after a new window all is told again, since a mark has no
 * answer and may have been lost.
 */

import type { Connection } from '../shared/connection';

const PAUSE_MS = 1000;

export interface Reading {
    /* visitor-side numbers */
    got: number;
    read: number;

    /* desk-side number, for the unread counts */
    n: number;
}

const NOTHING: Reading = { got: 0, read: 0, n: 0 };

export class Marker {
    readonly #connection: Connection;
    readonly #conv: string;
    #told = NOTHING;
    #want = NOTHING;
    #timer: ReturnType<typeof setTimeout> | undefined;

    constructor(connection: Connection, conv: string) {
        this.#connection = connection;
        this.#conv = conv;
    }

    /* Numbers that are lower than before change nothing. */
    raise(to: Reading): void {
        this.#want = {
            got: Math.max(this.#want.got, to.got),
            read: Math.max(this.#want.read, to.read),
            n: Math.max(this.#want.n, to.n),
        };

        if (this.#timer === undefined) {
            this.#tell();
        }
    }

    /* Tells everything once more. */
    again(): void {
        this.#told = NOTHING;

        if (this.#timer === undefined) {
            this.#tell();
        }
    }

    /* The feed begins anew: its numbers may be lower. */
    forget(): void {
        this.#told = NOTHING;
        this.#want = NOTHING;
    }

    stop(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
    }

    #tell(): void {
        const { got, read, n } = this.#want;
        const told = this.#told;

        if (got <= told.got && read <= told.read && n <= told.n) {
            return;
        }

        const sent = this.#connection.send({
            t: 'mark', conv: this.#conv, got, read, ...(n > 0 && { n }),
        });

        if (sent) {
            this.#told = this.#want;
            this.#timer = setTimeout(() => {
                this.#timer = undefined;
                this.#tell();
            }, PAUSE_MS);
        }
    }
}
