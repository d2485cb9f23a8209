/*
 * What the organisation's own code does about notices: docs/notifications.md.
 *
 *     chatdesk.notifications.register('message', (event) => ...)
 *     chatdesk.notifications.replace('offer', (event) => ...)
 *     chatdesk.notifications.silence('wait')
 *
 * Owns the handlers, for the page's life.  Each call gives what undoes it.
 * An error of a handler ends in the console; where it was to stand for what
 * the desk does, the desk does that.
 */

import { NOTICES } from '../shared/tables';
import type { NoticeKind } from '../shared/tables';

export interface NotificationEvent {
    readonly type: NoticeKind;

    /* `told`: it is new or newer; `over`: known, answered or past */
    readonly state: 'told' | 'over';

    /* a conversation, `hand.` and a conversation's, `queue.` and a queue's
       id */
    readonly about: string;
    readonly conv?: string;
    readonly name?: string;
    readonly queue?: string;
    readonly count?: number;
    readonly preview?: string;
    readonly at?: number;
}

/* what it gives counts for nothing, but a promise may fail later */
export type NotificationHandler = (event: NotificationEvent) => unknown;
export type Undo = () => void;

export class Customs {
    readonly #beside = new Map<NoticeKind, Set<NotificationHandler>>();
    readonly #instead = new Map<NoticeKind, NotificationHandler[]>();

    /* The public face: these functions and nothing else. */
    readonly face = Object.freeze({
        register: (type: NoticeKind, handler: NotificationHandler): Undo => {
            check(type, handler);

            const set = this.#beside.get(type) ?? new Set();

            this.#beside.set(type, set.add(handler));

            return () => { set.delete(handler); };
        },

        replace: (type: NoticeKind, handler: NotificationHandler): Undo => {
            check(type, handler);

            return this.#replace(type, handler);
        },

        silence: (type: NoticeKind): Undo => {
            check(type, nothing);

            return this.#replace(type, nothing);
        },
    });

    /* Runs the handlers, then what the desk would do, `own`: not where a
       handler stands for it, unless that one fails.  A handler may undo and
       register handlers; they count from the next event on. */
    handle(event: NotificationEvent, own: () => void = nothing): void {
        const instead = this.#instead.get(event.type)?.at(-1);
        const beside = [...this.#beside.get(event.type) ?? []];

        beside.forEach((one) => call(one, event, nothing));

        if (instead === undefined) {
            own();

        } else {
            call(instead, event, own);
        }
    }

    /* The newest one counts; what it replaced comes back with its undo. */
    #replace(type: NoticeKind, handler: NotificationHandler): Undo {
        const own: NotificationHandler = (event) => handler(event);

        this.#instead.set(type, [...this.#instead.get(type) ?? [], own]);

        return () => {
            this.#instead.set(type, (this.#instead.get(type) ?? [])
                .filter((one) => one !== own));
        };
    }
}

function nothing(): void {
    /* says nothing */
}

function check(type: unknown, handler: unknown): void {
    if (!NOTICES.includes(type as NoticeKind)) {
        throw new TypeError(`no such type of notification: ${String(type)}; `
                            + `there are ${NOTICES.join(', ')}`);
    }

    if (typeof handler !== 'function') {
        throw new TypeError('a handler is a function');
    }
}

function call(
    handler: NotificationHandler, event: NotificationEvent,
    failed: () => void,
): void {
    const fail = (error: unknown) => {
        console.warn('chatdesk: a notification handler failed:', error);
        failed();
    };

    try {
        Promise.resolve(handler(event)).catch(fail);

    } catch (error) {
        fail(error);
    }
}
