/*
 * Web push: lets this browser be told while no page of the desk is open.
 *
 * Owns the browser's push subscription and its id (for the browser, not for a
 * tab).  It is there while the agent wants notifications of browsers and this
 * one allows them; the desk is told at each start, so that it belongs to the
 * login of now.  Where something of this is missing nothing is said: pages
 * that are open tell as ever.
 */

import { computed, effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

import type { Connection } from '../shared/connection';
import { ID_FORM, randomId } from '../shared/ids';
import { Keep } from '../shared/storage';
import { ApiError, call } from './api';
import type { Permission } from './consent';
import type { Choices } from './notices';
import { register } from './service';

const PATH = 'v1/me/push';
const ID = 'push';

/* takes a subscription away after a few pushes that show nothing */
const STRICT = /\.push\.apple\.com$/;

export interface PusherParts {
    connection: Connection;

    /* the desk has said what the agent has chosen */
    loaded: ReadonlySignal<boolean>;
    permission: ReadonlySignal<Permission>;
    choices: ReadonlySignal<Choices>;
}

export class Pusher {
    readonly #parts: PusherParts;
    readonly #keep = new Keep('chatdesk.desk.', () => localStorage);
    readonly #on = signal(false);

    /* The agent wants notifications, and this browser allows them (pages may
       have none of their own where workers have). */
    readonly #wanted = computed(() => {
        const { loaded, permission, choices } = this.#parts;

        return !loaded.value ? undefined
            : choices.value.popup && (permission.value === 'granted'
                || (permission.value === 'missing' && allowed()));
    });
    #work: Promise<void> = Promise.resolve();
    #ends: (() => void)[] = [];

    constructor(parts: PusherParts) {
        this.#parts = parts;
    }

    /* Whether this browser is told while no page is open. */
    get on(): ReadonlySignal<boolean> {
        return this.#on;
    }

    start(): void {
        if (!('serviceWorker' in navigator)
            || !('PushManager' in globalThis))
        {
            return;
        }

        this.#ends = [
            this.#parts.connection.on('welcome', () => this.#here()),
            effect(() => this.#turn(this.#wanted.value)),
        ];
    }

    stop(): void {
        this.#ends.forEach((end) => end());
        this.#ends = [];
    }

    /* The agent signs out: this browser is told no more. */
    async end(): Promise<void> {
        if (this.#on.peek()) {
            this.#then(() => this.#disable());
            await this.#work;
        }
    }

    #turn(wanted: boolean | undefined): void {
        if (wanted !== undefined) {
            this.#then(() => wanted ? this.#enable() : this.#disable());
        }
    }

    /* One after the other; what fails is tried again at the next start. */
    #then(work: () => Promise<void>): void {
        this.#work = this.#work.then(work).catch((error: unknown) => {
            this.#on.value = false;

            if (!(error instanceof ApiError)) {
                console.info('chatdesk: no web push here:', error);
            }
        });
    }

    #id(): string {
        const kept = this.#keep.get<string>(ID);

        if (typeof kept === 'string' && ID_FORM.test(kept)) {
            return kept;
        }

        const id = randomId();

        this.#keep.set(ID, id);

        return id;
    }

    async #enable(): Promise<void> {
        const { key } = await call('GET', PATH);

        if (typeof key !== 'string') {
            return;
        }

        const { pushManager } = await register();
        const subscription = await subscribe(pushManager, key);
        const { endpoint, keys } = subscription.toJSON();

        await call('PUT', `${PATH}/${this.#id()}`, {
            endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'],
            ends: !STRICT.test(new URL(endpoint ?? '').hostname),
        });
        this.#on.value = true;
        this.#here();
    }

    async #disable(): Promise<void> {
        const at = await navigator.serviceWorker.getRegistration();
        const subscription = await at?.pushManager.getSubscription();

        this.#on.value = false;

        if (subscription) {
            await subscription.unsubscribe();
            await call('DELETE', `${PATH}/${this.#id()}`);
        }
    }

    /* The desk need not push to where this page is open. */
    #here(): void {
        if (this.#on.peek()) {
            this.#parts.connection.send({ t: 'push', push: this.#id() });
        }
    }
}

function allowed(): boolean {
    return typeof Notification === 'function'
        && Notification.permission === 'granted';
}

/* A subscription for another key of the desk is of no use any more. */
async function subscribe(
    manager: PushManager, key: string,
): Promise<PushSubscription> {
    const old = await manager.getSubscription();

    if (old !== null && sameKey(old.options.applicationServerKey, key)) {
        return old;
    }

    await old?.unsubscribe();

    return manager.subscribe({
        userVisibleOnly: true, applicationServerKey: key,
    });
}

function sameKey(buffer: ArrayBuffer | null, key: string): boolean {
    const text = btoa(String.fromCharCode(...new Uint8Array(buffer ?? [])));

    return text.replaceAll('+', '-').replaceAll('/', '_')
        .replaceAll('=', '') === key;
}
