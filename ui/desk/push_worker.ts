/*
 * The service worker of the desk: tells while no page of the desk is open.
 *
 * It lies beside the page, under a name that stays, and answers for nothing
 * but pushes: pages and files come from the network as ever.
 *
 * Owns the notifications that it shows; one that is newer takes the place of
 * the older one about the same (`tag`), and one that is over goes.
 */

import { NOTICES } from '../shared/tables';
import type { NoticeKind } from '../shared/tables';
import { wordsOf } from './words';

interface Waiting extends Event {
    waitUntil(work: Promise<unknown>): void;
}

interface Pushed extends Waiting {
    readonly data: { json(): unknown } | null;
}

interface Clicked extends Waiting {
    readonly notification: Notification;
}

interface Page {
    readonly url: string;
    focus(): Promise<unknown>;
    postMessage(message: unknown): void;
}

/* as much of the worker's global scope as is used here */
interface Scope {
    readonly registration: ServiceWorkerRegistration;
    readonly clients: {
        matchAll(options: object): Promise<readonly Page[]>;
        openWindow(url: string): Promise<unknown>;
    };
    addEventListener(type: 'push', heard: (event: Pushed) => void): void;
    addEventListener(type: 'notificationclick',
                     heard: (event: Clicked) => void): void;
}

const scope = globalThis as unknown as Scope;

scope.addEventListener('push', (event) => {
    const said = read(event);

    event.waitUntil(said['state'] === 'over' ? hide(said) : show(said));
});

scope.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(open(event.notification.data));
});

/* Only the desk has the keys to write this; it may be a newer one. */
function read(event: Pushed): Record<string, unknown> {
    try {
        const said: unknown = event.data?.json();

        if (said !== null && typeof said === 'object') {
            return said as Record<string, unknown>;
        }

    } catch {
        /* no JSON: still something that is to be shown */
    }

    return {};
}

function text(value: unknown): string | undefined {
    return typeof value === 'string' ? value : undefined;
}

function show(said: Record<string, unknown>): Promise<void> {
    const kind = NOTICES.includes(said['type'] as NoticeKind)
        ? said['type'] as NoticeKind : 'message';
    const [title, body] = wordsOf({
        kind,
        name: text(said['name']),
        queue: text(said['queue']),
        count: typeof said['count'] === 'number' ? said['count'] : undefined,
        preview: text(said['preview']),
    });

    return scope.registration.showNotification(title, {
        body, tag: text(said['about']) ?? 'desk', data: text(said['conv']),
    });
}

/* It was read or taken elsewhere. */
async function hide(said: Record<string, unknown>): Promise<void> {
    const tag = text(said['about']) ?? '';

    for (const one of await scope.registration.getNotifications({ tag })) {
        if (one.tag === tag) {
            one.close();
        }
    }
}

/* The chat in a page that is open, else in a new one. */
async function open(conv: unknown): Promise<void> {
    const base = scope.registration.scope;
    const pages = await scope.clients.matchAll(
        { type: 'window', includeUncontrolled: true });
    const page = pages.find((one) => one.url.startsWith(base));

    if (page === undefined) {
        await scope.clients.openWindow(typeof conv === 'string'
            ? `${base}#chat=${encodeURIComponent(conv)}` : base);
        return;
    }

    page.postMessage({ open: conv });

    /* the browser lets only a click do this */
    await page.focus().catch(() => undefined);
}
