/*
 * Whether the agent is looking: the page is visible and has the focus.
 * Only then may what is shown count as read.
 *
 * Owner of its listeners; start() and stop() are symmetric.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

export class Attention {
    readonly #looking = signal(false);

    get looking(): ReadonlySignal<boolean> {
        return this.#looking;
    }

    start(): void {
        addEventListener('focus', this.#look);
        addEventListener('blur', this.#look);
        document.addEventListener('visibilitychange', this.#look);
        this.#look();
    }

    stop(): void {
        removeEventListener('focus', this.#look);
        removeEventListener('blur', this.#look);
        document.removeEventListener('visibilitychange', this.#look);
    }

    #look = (): void => {
        this.#looking.value = document.visibilityState === 'visible'
            && document.hasFocus();
    };
}
