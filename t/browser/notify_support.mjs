/*
 * What tests of notifications need besides desk_support.mjs.
 *
 * Purpose:    tests say what an agent hears and sees outside of the page.
 * Owner:      nothing; what is written down lies in the page.
 * Invariants: what the browser shows outside of pages cannot be looked at
 *             from a page, so its own classes are listened to; they do what
 *             they always do.
 */

import assert from 'node:assert/strict';

import { eventually } from './desk_support.mjs';


/* Writes down what the page asks the browser for: popups, of its own or of
   its worker, their end, sounds, leave, toasts that are to go. */

export function listen() {
    const heard = { popups: [], closed: [], tones: 0, asked: 0, fading: 0 };

    document.hasFocus = () => !globalThis.elsewhere;

    const Real = Notification;
    const { close } = Real.prototype;
    const ask = Real.requestPermission.bind(Real);

    globalThis.heard = heard;
    globalThis.Notification = class extends Real {
        constructor(title, options) {
            if (globalThis.phone) {
                throw new TypeError('Illegal constructor.');
            }

            super(title, options);
            heard.popups.push({ title, ...options });
        }

        static requestPermission() {
            heard.asked++;
            return ask();
        }
    };
    Real.prototype.close = function () {
        heard.closed.push(this.tag);
        close.call(this);
    };

    const worker = ServiceWorkerRegistration.prototype;
    const { showNotification } = worker;

    worker.showNotification = function (title, options) {
        heard.popups.push({ title, ...options });
        return showNotification.call(this, title, options);
    };

    const later = setTimeout;

    globalThis.setTimeout = (run, ms, ...more) => {
        heard.fading += ms === 7000;
        return later(run, ms, ...more);
    };

    const make = AudioContext.prototype.createOscillator;

    AudioContext.prototype.createOscillator = function () {
        heard.tones++;
        return make.call(this);
    };
}

/* A browser's subscription, without a push service. */

export function makeBelieve() {
    const b64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    let current = null;

    PushManager.prototype.getSubscription = async () => current;
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        const { publicKey } = await crypto.subtle.generateKey(
            { name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
        const p256dh = b64(await crypto.subtle.exportKey('raw', publicKey));
        const auth = b64(crypto.getRandomValues(new Uint8Array(16)));

        globalThis.pushKey = applicationServerKey;
        current = {
            options: { applicationServerKey: null },
            toJSON: () => ({ endpoint: 'https://127.0.0.1:1/',
                             keys: { p256dh, auth } }),
            unsubscribe: async () => { current = null; return true; },
        };

        return current;
    };
}

export const heard = (page) => page.evaluate(() => globalThis.heard);

/* What the browser's worker has on the screen. */
export const shown = (page) => page.evaluate(async () => {
    const at = await navigator.serviceWorker.getRegistration();

    return (await at?.getNotifications() ?? [])
        .map(({ title, body, tag }) => ({ title, body, tag }));
});

/* As the browser's settings, or its question in another tab, do. */
export async function permit(page, office, setting) {
    const session = await page.context().newCDPSession(page);
    const { targetInfo } = await session.send('Target.getTargetInfo');

    await session.send('Browser.setPermission', {
        permission: { name: 'notifications' }, setting,
        origin: new URL(office.url).origin,
        browserContextId: targetInfo.browserContextId,
    });
}

/* Clicks on the notification that the worker shows. */
export async function clickShown(page) {
    const worker = await eventually(async () => {
        const [one] = page.context().serviceWorkers();

        assert.ok(one, 'the worker runs');

        return one;
    });

    await worker.evaluate(async () => {
        const [notification] = await registration.getNotifications();

        dispatchEvent(new NotificationEvent('notificationclick',
                                            { notification }));
    });
}

/* The agent looks at another window, and comes back.  The browser under test
   believes every page to have the focus, so the page is told. */
const turn = (page, elsewhere) => page.evaluate((away) => {
    globalThis.elsewhere = away;
    dispatchEvent(new Event(away ? 'blur' : 'focus'));
}, elsewhere);

export const away = (page) => turn(page, true);
export const back = (page) => turn(page, false);

export async function endAll(page) {
    await back(page);

    while (await page.locator('.tab').count() > 0) {
        const count = await page.locator('.tab').count();

        await page.locator('.tab-close').first().click();

        const sure = page.locator('.confirm-end');

        await eventually(async () => assert.ok(await sure.count() > 0
            || await page.locator('.tab').count() < count));

        if (await sure.count() > 0) {
            await sure.click();
        }

        await eventually(async () => assert.ok(
            await page.locator('.tab').count() < count));
    }
}
