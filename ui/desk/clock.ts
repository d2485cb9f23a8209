/*
 * The desk's clock for views: one signal, once a second while the page is
 * visible, in the server's time, so that countdowns agree with the desk.
 *
 * Owner of its timer; start() and stop() are symmetric.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

const TICK_MS = 1000;

export class Clock {
    readonly #read: () => number;
    readonly #now;
    #timer: number | undefined;

    constructor(read: () => number) {
        this.#read = read;
        this.#now = signal(read());
    }

    /* Milliseconds UTC, at most a second old. */
    get now(): ReadonlySignal<number> {
        return this.#now;
    }

    start(): void {
        document.addEventListener('visibilitychange', this.#onVisible);
        this.#onVisible();
    }

    stop(): void {
        document.removeEventListener('visibilitychange', this.#onVisible);
        window.clearInterval(this.#timer);
        this.#timer = undefined;
    }

    /* To be called when the server's clock has become better known. */
    tick = (): void => {
        this.#now.value = this.#read();
    };

    #onVisible = (): void => {
        window.clearInterval(this.#timer);

        if (document.visibilityState === 'visible') {
            this.tick();
            this.#timer = window.setInterval(this.tick, TICK_MS);
        }
    };
}
