/*
 * Notifications at the agent's desk: prompt, sound, browser notification,
 * blinking tab, one tab of several, the end of it everywhere, choices, and
 * what the organisation's own code does.
 *
 * What the browser shows outside of pages cannot be looked at from a page,
 * so its own classes are listened to; they do what they always do. Only push
 * services are beyond its reach here: subscriptions are made up, with keys
 * that hold and an address that nothing is sent to, and pushes come by the
 * browser's own tools for developers. t/push_send.t has the service's side.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Office, eventually, signIn, talk } from './desk_support.mjs';

let office;

before(async () => {
    office = await Office.open({ capacity: 4, stack: ['push=1'] });
});

after(() => office.close());


/* Writes down what the page asks the browser for. */

function listen() {
    const heard = { popups: [], closed: [], tones: 0 };

    document.hasFocus = () => !globalThis.elsewhere;

    const Real = Notification;

    globalThis.heard = heard;
    globalThis.Notification = class extends Real {
        constructor(title, options) {
            super(title, options);
            heard.popups.push({ title, ...options });
            heard.last = this;
        }

        close() {
            heard.closed.push(this.tag);
            super.close();
        }
    };

    const make = AudioContext.prototype.createOscillator;

    AudioContext.prototype.createOscillator = function () {
        heard.tones++;
        return make.call(this);
    };
}

/* A browser's subscription, without a push service. */

function makeBelieve() {
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

const heard = (page) => page.evaluate(() => (
    { ...globalThis.heard, last: undefined }));

async function deskPage(permission, beside) {
    const page = await office.page({ beside });

    if (permission) {
        const session = await page.context().newCDPSession(page);
        const { targetInfo } = await session.send('Target.getTargetInfo');

        await session.send('Browser.setPermission', {
            permission: { name: 'notifications' }, setting: permission,
            origin: new URL(office.url).origin,
            browserContextId: targetInfo.browserContextId,
        });
    }

    await page.addInitScript(listen);
    await page.addInitScript(makeBelieve);
    await page.goto(`${office.url}/desk/`);

    return page;
}

async function agentPage(login, permission) {
    const page = await deskPage(permission);

    await signIn(page, login, office.passwords.get(login));
    await page.locator('.load').waitFor();
    await page.getByRole('button', { name: /^Presence/ }).click();
    await page.getByRole('menuitemradio', { name: 'Available' }).click();
    await page.getByRole('button', { name: 'Presence: Available' }).waitFor();

    return page;
}

/* The agent looks at another window, and comes back.  The browser under test
   believes every page to have the focus, so the page is told. */
const turn = (page, elsewhere) => page.evaluate((away) => {
    globalThis.elsewhere = away;
    dispatchEvent(new Event(away ? 'blur' : 'focus'));
}, elsewhere);

const away = (page) => turn(page, true);
const back = (page) => turn(page, false);

async function endAll(page) {
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

describe('the permission', () => {
    /* proves: N11 */
    it('is asked for at each load until it is given, then never', async () => {
        const page = await agentPage('ana', 'prompt');
        const bar = page.locator('.permission-bar');

        await bar.waitFor();
        await bar.getByRole('button', { name: 'Not now' }).click();
        await bar.waitFor({ state: 'detached' });
        await page.reload();
        await bar.waitFor();

        for (const answer of ['granted', 'denied']) {
            const other = await deskPage(answer);

            await signIn(other, 'ben', office.passwords.get('ben'));
            await other.locator('.load').waitFor();
            assert.equal(await other.evaluate(() => Notification.permission),
                         answer);
            assert.equal(await other.locator('.permission-bar').count(), 0);
            await other.context().close();
        }

        await page.context().close();
    });
});

describe('a message', () => {
    /* proves: N1 N4 N5 N9 N10 N14 I12 */
    it('sounds, pops up, is replaced, and is over when it is read',
       async () => {
        const ana = await agentPage('ana', 'granted');
        await away(ana);
        const bob = await office.visitor({ name: 'Bob' });

        await eventually(async () => {
            const { popups } = await heard(ana);

            assert.equal(popups.at(-1)?.title, 'New chat: Bob');
            assert.equal(popups.at(-1)?.tag, bob.conv);
        });

        await back(ana);
        await ana.locator('.offer .accept').click();
        await ana.locator('.composer textarea').waitFor();
        await eventually(async () => assert.ok(
            (await heard(ana)).closed.includes(bob.conv), 'the offer is over'));
        await away(ana);

        const before = await heard(ana);

        await bob.say('First');
        await eventually(async () => {
            const { popups, tones } = await heard(ana);

            assert.equal(popups.length, before.popups.length + 1);
            assert.equal(popups.at(-1).title, 'Bob');
            assert.equal(popups.at(-1).body, 'First');
            assert.ok(tones > before.tones, 'a sound is played');
        });

        await bob.say('Second');
        await bob.say('Third');
        await eventually(async () => {
            const last = (await heard(ana)).popups.at(-1);

            assert.equal(last.title, 'Bob (3)');
            assert.equal(last.body, 'Third');
            assert.equal(last.tag, bob.conv, 'it replaces the one before');
        });
        assert.equal((await heard(ana)).popups.length,
                     before.popups.length + 2, 'one an interval');

        const closed = (await heard(ana)).closed.length;

        await back(ana);
        await eventually(async () => assert.ok(
            (await heard(ana)).closed.length > closed, 'it is over'));
        await endAll(ana);
        await ana.context().close();
    });

    /* proves: N3 N12 */
    it('makes the chat\'s tab call, and one tab of two tells', async () => {
        const ana = await agentPage('ana', 'granted');
        const bob = await talk(office, ana, { name: 'Bob' });
        await talk(office, ana, { name: 'Cid' });
        const second = await deskPage(undefined, ana);

        await second.locator('.load').waitFor();

        await away(second);
        await away(ana);
        const count = async () => (await heard(ana)).popups.length
            + (await heard(second)).popups.length;
        const before = await count();

        await bob.say('Hello?');
        await eventually(async () => assert.equal(await count(), before + 1));
        await second.close();
        await back(ana);

        const tab = ana.locator(`.tab[data-conv="${bob.conv}"]`);
        const moves = () => tab.evaluate(
            (one) => getComputedStyle(one).animationName);

        await eventually(async () => assert.equal(await moves(), 'call'));
        await ana.emulateMedia({ reducedMotion: 'reduce' });
        assert.equal(await moves(), 'none', 'steady under reduced motion');
        assert.equal(await tab.locator('.badge').count(), 1);
        await endAll(ana);
        await ana.context().close();
    });

    /* proves: N6 */
    it('shows in the page where the browser may not', async () => {
        const ana = await agentPage('ana', 'denied');
        const bob = await talk(office, ana, { name: 'Bob' });
        await away(ana);

        await bob.say('Can you see me?');
        await ana.locator('.toast').getByText('Bob: Can you see me?')
            .waitFor({ state: 'attached' });
        assert.equal((await heard(ana)).popups.length, 0);
        await endAll(ana);
        await ana.context().close();
    });
});

describe('choices', () => {
    /* proves: N1 */
    it('are kept for the agent: sound, volume, silence', async () => {
        const ana = await agentPage('ana', 'granted');

        await ana.getByRole('button', { name: /^Account of/ }).click();
        await ana.getByRole('menuitem', { name: 'Notifications' }).click();

        const dialog = ana.getByRole('dialog', { name: 'Notifications' });
        const tones = (await heard(ana)).tones;

        await dialog.getByRole('button', { name: 'Test' }).click();
        await eventually(async () => assert.ok(
            (await heard(ana)).tones > tones));
        await dialog.getByLabel('Sound', { exact: true })
            .selectOption('knock');
        await dialog.getByLabel(/^Messages/).uncheck();
        assert.equal(await dialog.getByLabel(/^Long waits/).count(), 0,
                     'that is for supervisors');
        await dialog.getByRole('button', { name: 'Close' }).click();

        /* as another device has it */
        await ana.reload();
        await ana.locator('.load').waitFor();
        await ana.keyboard.press('Control+k');
        await ana.getByRole('combobox').fill('Notifications');
        await ana.keyboard.press('Enter');
        await eventually(async () => assert.equal(
            await dialog.getByLabel('Sound', { exact: true }).inputValue(),
            'knock'));
        assert.equal(await dialog.getByLabel(/^Messages/).isChecked(), false);
        await dialog.getByRole('button', { name: 'Close' }).click();

        const bob = await talk(office, ana, { name: 'Bob' });
        await away(ana);
        const { popups } = await heard(ana);

        await bob.say('Silence');
        await eventually(async () => assert.match(await ana.title(), /^\*/));
        assert.equal((await heard(ana)).popups.length, popups.length);
        await endAll(ana);

        await ana.keyboard.press('Control+k');
        await ana.getByRole('combobox').fill('Notifications');
        await ana.keyboard.press('Enter');
        await dialog.getByLabel(/^Messages/).check();
        await dialog.getByRole('button', { name: 'Close' }).click();
        await ana.context().close();
    });
});

describe('web push', () => {
    const subscriptions = (page) => page.evaluate(async () => (
        await (await fetch('/desk/api/v1/me/push')).json()).items);
    const shown = (page) => page.evaluate(async () => (
        await (await navigator.serviceWorker.ready).getNotifications())
        .map(({ title, body, tag }) => ({ title, body, tag })));

    /* What a push service would bring. */
    async function pusher(page) {
        const session = await page.context().newCDPSession(page);
        const known = new Promise((resolve) => {
            session.on('ServiceWorker.workerRegistrationUpdated',
                ({ registrations: [one] }) => one && resolve(one));
        });

        await session.send('ServiceWorker.enable');

        const { registrationId } = await known;

        return (said) => session.send('ServiceWorker.deliverPushMessage', {
            origin: office.url, registrationId, data: JSON.stringify(said),
        });
    }

    /* proves: N5 N6 */
    it('subscribes, tells by one notification a chat, and opens it',
       async () => {
        const ana = await agentPage('ana', 'granted');

        await eventually(async () => {
            const [one, ...more] = await subscriptions(ana);

            assert.equal(one?.open, true, 'the desk knows this page');
            assert.equal(more.length, 0);
        });

        const bob = await talk(office, ana, { name: 'Bob' });
        await talk(office, ana, { name: 'Cid' });

        const push = await pusher(ana);
        const about = { type: 'message', about: bob.conv, conv: bob.conv,
                        name: 'Bob' };

        /* the browser's own tool drops one now and then; a second one about
           the same takes its place anyway */
        const pushed = (said, notification) => eventually(async () => {
            await push({ ...about, ...said });
            assert.deepEqual(await shown(ana), [notification]);
        });

        await pushed({ count: 1 }, { title: 'Bob', body: 'New message',
                                     tag: bob.conv });
        await pushed({ count: 3, preview: 'Hello?' },
            { title: 'Bob (3)', body: 'Hello?', tag: bob.conv });

        /* read elsewhere: it goes off the screen, it alone */
        await push({ about: 'queue.none', state: 'over' });
        assert.equal((await shown(ana)).length, 1);
        await eventually(async () => {
            await push({ about: bob.conv, state: 'over' });
            assert.deepEqual(await shown(ana), []);
        });
        await pushed({ count: 3, preview: 'Hello?' },
            { title: 'Bob (3)', body: 'Hello?', tag: bob.conv });

        const worker = await eventually(async () => {
            const [one] = ana.context().serviceWorkers();

            assert.ok(one, 'the worker runs');

            return one;
        });

        await worker.evaluate(async () => {
            const [notification] = await registration.getNotifications();

            dispatchEvent(new NotificationEvent('notificationclick',
                                                { notification }));
        });
        await ana.locator(`.tab[data-conv="${bob.conv}"].current`).waitFor();
        assert.deepEqual(await shown(ana), []);

        /* what is known by now is taken off the screen by the next page */
        await pushed({ about: 'queue.none' },
            { title: 'Bob', body: 'New message', tag: 'queue.none' });
        await ana.reload();
        await eventually(async () => assert.deepEqual(await shown(ana), []));

        await ana.keyboard.press('Control+k');
        await ana.getByRole('combobox').fill('Notifications');
        await ana.keyboard.press('Enter');
        await ana.getByText('also while the desk is closed').waitFor();
        await ana.getByLabel('Notifications of the browser').uncheck();
        await eventually(async () => assert.deepEqual(
            await subscriptions(ana), []));
        await ana.getByLabel('Notifications of the browser').check();
        await eventually(async () => assert.equal(
            (await subscriptions(ana)).length, 1));
        await ana.getByRole('button', { name: 'Close' }).click();
        await endAll(ana);

        /* who signs out is told no more */
        await ana.keyboard.press('Control+k');
        await ana.getByRole('combobox').fill('Sign out');
        await ana.keyboard.press('Enter');
        await ana.getByLabel('Account name').waitFor();
        assert.equal(await ana.evaluate(async () => (
            await (await navigator.serviceWorker.ready).pushManager
                .getSubscription())), null);
        await ana.context().close();
    });
});

describe('own code', () => {
    /* proves: N13 */
    it('hears, replaces and silences, and its errors harm nobody',
       async () => {
        const ana = await agentPage('ana', 'granted');

        await ana.evaluate(() => {
            const { notifications } = globalThis.chatdesk;

            globalThis.own = { heard: [], offers: 0 };
            notifications.register('message', (event) => {
                globalThis.own.heard.push(event);
                throw new Error('of the own code');
            });
            notifications.replace('offer', () => { globalThis.own.offers++; });
            notifications.silence('wait');
        });
        await assert.rejects(ana.evaluate(
            () => globalThis.chatdesk.notifications.silence('nothing')),
            /no such type of notification: nothing/);

        await away(ana);
        const bob = await office.visitor({ name: 'Bob' });

        await eventually(async () => assert.ok(await ana.evaluate(
            () => globalThis.own.offers) > 0));
        assert.equal((await heard(ana)).popups.length, 0,
                     'the offer\'s own notification is replaced');
        await back(ana);
        await ana.locator('.offer .accept').click();
        await ana.locator('.composer textarea').waitFor();
        await away(ana);
        await bob.say('Hello');
        await eventually(async () => assert.equal(
            (await heard(ana)).popups.at(-1)?.body, 'Hello',
            'what was not replaced goes on, errors or not'));

        const events = await ana.evaluate(() => globalThis.own.heard);

        assert.equal(events[0].type, 'message');
        assert.equal(events[0].state, 'told');
        assert.equal(events[0].conv, bob.conv);
        assert.equal(events[0].preview, 'Hello');
        await back(ana);
        await eventually(async () => assert.equal(await ana.evaluate(
            () => globalThis.own.heard.at(-1).state), 'over'));
        await endAll(ana);
        await ana.context().close();
    });
});
