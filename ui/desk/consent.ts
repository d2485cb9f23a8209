/*
 * Whether this browser lets the desk show notifications.
 *
 * Owns the signal; what is answered in another tab, or in the browser's
 * settings, is heard as well.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

export type Permission = NotificationPermission | 'missing';

export class Consent {
    readonly #is = signal<Permission>(now());
    #status: PermissionStatus | undefined;
    #started = false;

    get is(): ReadonlySignal<Permission> {
        return this.#is;
    }

    start(): void {
        this.#started = true;
        void this.#listen();
    }

    stop(): void {
        this.#started = false;
        this.#status?.removeEventListener('change', this.look);
        this.#status = undefined;
    }

    look = (): Permission => {
        this.#is.value = now();

        return this.#is.peek();
    };

    /* It is allowed, and yet nothing can be shown. */
    deny(): void {
        this.#is.value = 'missing';
    }

    /* The browser's own question; needs a gesture. */
    async ask(): Promise<void> {
        try {
            await Notification.requestPermission();

        } finally {
            this.look();
        }
    }

    async #listen(): Promise<void> {
        const box = navigator.permissions as Permissions | undefined;
        const status = await box?.query({ name: 'notifications' })
            .catch(() => undefined);

        if (this.#started) {
            this.#status = status;
            status?.addEventListener('change', this.look);
            this.look();
        }
    }
}

function now(): Permission {
    return typeof Notification === 'function' ? Notification.permission
                                              : 'missing';
}
