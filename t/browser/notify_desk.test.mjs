/*
 * Notifications at the agent's desk: prompt, sound, browser notification,
 * blinking tab, one tab of several, the end of it everywhere, choices, and
 * what the organisation's own code does.
 *
 * Push services are beyond the browser's reach here: subscriptions are made
 * up, and pushes come by the browser's own tools for developers.
 * t/push_send.t has the service's side.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Office, eventually, signIn, talk } from './desk_support.mjs';
import { away, back, clickShown, endAll, heard, listen, makeBelieve, permit,
         shown } from './notify_support.mjs';

let office;

before(async () => {
    office = await Office.open({
        capacity: 4, stack: ['push=1'],
        more: { notify: { interval_seconds: 4 } },
    });
});

after(() => office.close());


async function deskPage(permission, beside) {
    const page = await office.page({ beside });

    if (permission) {
        await permit(page, office, permission);
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

describe('the permission', () => {
    /* proves: N11 */
    it('is asked for at each load until it is given, then never', async () => {
        const page = await agentPage('ana', 'prompt');
        const bar = page.locator('.permission-bar');

        await bar.waitFor();
        await bar.getByRole('button', { name: 'Not now' }).click();
        await bar.waitFor({ state: 'detached' });

        /* on a phone, where the list is all there is */
        await page.setViewportSize({ width: 390, height: 844 });
        await page.reload();
        await bar.waitFor();
        assert.ok(await page.getByRole('status').filter({ has: bar })
            .isVisible(), 'it is announced');
        await bar.getByRole('button', { name: 'Turn on notifications' })
            .click();
        await eventually(async () => assert.equal(
            (await heard(page)).asked, 1, 'the browser asks'));

        /* the answer may be given in another tab */
        await permit(page, office, 'granted');
        await bar.waitFor({ state: 'detached' });

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
    /* proves: N1 N2 N3 N4 N5 N6 N9 N10 N14 I12 I13 */
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
        const tab = ana.locator(`.tab[data-conv="${bob.conv}"]`);
        const icon = () => ana.locator('link[rel="icon"]')
            .getAttribute('href');
        const plain = await icon();

        await bob.say('First');
        await eventually(async () => {
            const { popups, tones } = await heard(ana);

            assert.equal(popups.length, before.popups.length + 1);
            assert.equal(popups.at(-1).title, 'Bob');
            assert.equal(popups.at(-1).body, 'First');
            assert.equal(popups.at(-1).silent, true);
            assert.ok(tones > before.tones, 'a sound is played');
        });
        await ana.locator('.tab.current.unread').waitFor();
        assert.equal(await tab.evaluate(
            (one) => getComputedStyle(one).animationName), 'call',
            'the current tab calls, too');
        assert.match(await ana.title(), /^\*/);
        assert.notEqual(await icon(), plain, 'the icon has a dot');

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
        assert.deepEqual(await shown(ana),
            [{ title: 'Bob (3)', body: 'Third', tag: bob.conv }],
            'the worker shows it');

        const closed = (await heard(ana)).closed.length;

        await back(ana);
        await eventually(async () => assert.ok(
            (await heard(ana)).closed.length > closed, 'it is over'));
        await eventually(async () => assert.deepEqual(await shown(ana), []));
        assert.equal(await icon(), plain);

        /* the browser of a phone, and the worker is not there yet */
        await ana.evaluate(async () => {
            globalThis.phone = true;
            await (await navigator.serviceWorker.ready).unregister();
        });
        await away(ana);
        await bob.say('To a phone');
        await eventually(async () => assert.equal(
            (await shown(ana))[0]?.body, 'To a phone'));
        assert.equal(await ana.locator('.toast').count(), 0);

        /* the last words are unread though the chat has ended */
        await bob.say('Good bye');
        await bob.end();
        await ana.locator('.ended').waitFor();
        await tab.locator('.badge').waitFor();
        assert.match(await ana.title(), /^\*/);
        assert.equal(await ana.locator('.rail .dot.corner').count(), 1);
        await back(ana);
        await tab.locator('.badge').waitFor({ state: 'detached' });
        assert.doesNotMatch(await ana.title(), /^\*/);
        await endAll(ana);
        await ana.context().close();
    });

    /* proves: N1 N3 N12 N14 I12 */
    it('makes the chat\'s tab call; one tab of two tells, the one that is '
       + 'heard', async () => {
        const ana = await agentPage('ana', 'granted');
        const bob = await talk(office, ana, { name: 'Bob' });
        await talk(office, ana, { name: 'Cid' });
        const second = await deskPage(undefined, ana);

        await second.locator('.load').waitFor();

        /* a page that nobody has touched yet is not heard: the second one
           now, then the first one again */
        await ana.reload();
        await ana.locator('.load').waitFor();
        await ana.keyboard.press('Shift');
        await eventually(async () => assert.equal(await ana.evaluate(
            async () => {
                const { held } = await navigator.locks.query();
                const of = (name) => held.find((one) =>
                    one.name.startsWith(`chatdesk.${name}.`))?.clientId;

                return of('heard') !== undefined
                    && of('heard') === of('herald');
            }), true, 'who is heard tells'));
        await away(second);
        await away(ana);
        const { tones } = await heard(ana);
        const count = async () => (await heard(ana)).popups.length
            + (await heard(second)).popups.length;
        const before = await count();

        await bob.say('Hello?');
        await eventually(async () => assert.equal(await count(), before + 1));
        assert.ok((await heard(ana)).tones > tones, 'it is heard');
        await second.close();
        await back(ana);

        const tab = ana.locator(`.tab[data-conv="${bob.conv}"]`);
        const moves = () => tab.evaluate(
            (one) => getComputedStyle(one).animationName);

        await eventually(async () => assert.equal(await moves(), 'call'));
        await ana.emulateMedia({ reducedMotion: 'reduce' });
        assert.equal(await moves(), 'none', 'steady under reduced motion');
        assert.equal(await tab.locator('.badge').count(), 1);

        /* on a phone the way back says so */
        await ana.setViewportSize({ width: 390, height: 844 });
        await ana.getByRole('button',
            { name: 'Back to the inbox, 1 waiting there' }).waitFor();
        await ana.setViewportSize({ width: 1280, height: 720 });
        await clickShown(ana);
        await ana.locator(`.tab[data-conv="${bob.conv}"].current`).waitFor();
        await endAll(ana);
        await ana.context().close();
    });

    /* proves: N6 */
    it('shows in the page where the browser may not', async () => {
        const ana = await agentPage('ana', 'denied');
        const bob = await talk(office, ana, { name: 'Bob' });
        await talk(office, ana, { name: 'Cid' });
        await away(ana);
        const { fading } = await heard(ana);
        const toast = ana.locator('.toast').getByText('Bob: Can you see me?');

        await bob.say('Can you see me?');
        await toast.waitFor({ state: 'attached' });
        assert.equal((await heard(ana)).popups.length, 0);
        assert.equal((await heard(ana)).fading, fading, 'it waits for ana');
        await back(ana);
        await eventually(async () => assert.equal(
            (await heard(ana)).fading, fading + 1, 'and goes in a while'));
        await toast.waitFor();
        await ana.locator(`.tab[data-conv="${bob.conv}"] .tab-pick`).click();
        await toast.waitFor({ state: 'detached' });
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

        await clickShown(ana);
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
            const own = { heard: [], offers: 0, once: 0 };
            const once = () => {
                const undo = notifications.register('offer', () => {
                    own.once++;
                    undo();
                    once();
                });
            };

            globalThis.own = own;
            notifications.register('message', (event) => {
                own.heard.push(event);
                throw new Error('of the own code');
            });
            notifications.replace('message', () => {
                throw new Error('of the own code, instead');
            });
            notifications.replace('offer', ({ state }) => {
                own.offers += state === 'told';
            });
            once();
            own.speak = notifications.silence('offer');
        });
        await assert.rejects(ana.evaluate(
            () => globalThis.chatdesk.notifications.silence('nothing')),
            /no such type of notification: nothing/);

        const own = (name) => ana.evaluate((key) => globalThis.own[key], name);

        await away(ana);
        const dan = await office.visitor({ name: 'Dan' });

        await eventually(async () => assert.equal(await own('once'), 1,
            'a handler that registers anew is called once'));
        await dan.end();
        await eventually(async () => assert.equal(await own('once'), 2));
        assert.equal(await own('offers'), 0, 'the newest one silences');
        await ana.evaluate(() => globalThis.own.speak());

        const bob = await office.visitor({ name: 'Bob' });

        await eventually(async () => assert.equal(await own('offers'), 1));
        assert.equal((await heard(ana)).popups.length, 0,
                     'the offer\'s own notification is replaced');
        await back(ana);
        await ana.locator('.offer .accept').click();
        await ana.locator('.composer textarea').waitFor();
        await away(ana);
        await bob.say('Hello');
        await eventually(async () => assert.equal(
            (await heard(ana)).popups.at(-1)?.body, 'Hello',
            'what is not replaced, or in vain, goes on'));

        const [event] = await own('heard');

        assert.equal(event.type, 'message');
        assert.equal(event.state, 'told');
        assert.equal(event.conv, bob.conv);
        assert.equal(event.preview, 'Hello');

        /* what stood before this page is over for its handlers, too */
        await ana.addInitScript(() => { globalThis.elsewhere = true; });
        await ana.reload();
        await ana.locator('.load').waitFor();
        await ana.evaluate(() => {
            globalThis.own = [];
            globalThis.chatdesk.notifications.register('message',
                ({ state }) => globalThis.own.push(state));
        });
        await back(ana);
        await eventually(async () => assert.deepEqual(await ana.evaluate(
            () => globalThis.own), ['over']));

        /* nobody has touched this page yet: it cannot be heard */
        await away(ana);
        await bob.say('Anybody?');
        await eventually(async () => assert.equal(
            (await heard(ana)).popups.at(-1)?.silent, false,
            'it comes with the sound of the system'));
        await endAll(ana);
        await ana.context().close();
    });
});
