/*
 * Tells the other side that this agent is typing.
 *
 * Owner of its timers.  `on` goes out with the first key and every 3 s while
 * keys come; `off` when the text is sent or emptied, or after a pause.
 */

import type { Connection } from '../shared/connection';

const REPEAT_MS = 3000;
const PAUSE_MS = 4000;

export class Typist {
    readonly #connection: Connection;
    readonly #conv: string;
    #toldAt = 0;
    #timer: ReturnType<typeof setTimeout> | undefined;

    constructor(connection: Connection, conv: string) {
        this.#connection = connection;
        this.#conv = conv;
    }

    typed(): void {
        const now = Date.now();

        if (now - this.#toldAt >= REPEAT_MS && this.#tell(true)) {
            this.#toldAt = now;
        }

        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.stopped(), PAUSE_MS);
    }

    stopped(): void {
        clearTimeout(this.#timer);

        if (this.#toldAt !== 0) {
            this.#toldAt = 0;
            this.#tell(false);
        }
    }

    #tell(on: boolean): boolean {
        return this.#connection.send({ t: 'typing', conv: this.#conv, on });
    }
}
