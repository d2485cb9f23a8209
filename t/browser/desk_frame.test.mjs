/*
 * Around the chats: signing in and out, presence, keys, narrow windows, a
 * lost connection, and the page's own security.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Office, eventually, setPresence, signIn, talk }
    from './desk_support.mjs';

let office;

before(async () => {
    office = await Office.open({
        capacity: 5,
        more: {
            states: [
                { id: 'post', name: 'Messages only',
                  channels: ['messaging'] },
                { id: 'live', name: 'Chats only', channels: ['chat'] },
            ],
            flows: [{ id: 'orders', name: 'Orders', channel: 'messaging' }],
        },
    });
});

after(() => office.close());

describe('signing in', () => {
    it('says beside the field what is wrong', async () => {
        const page = await office.page();

        await page.goto(`${office.url}/desk/`);
        await page.getByRole('button', { name: 'Sign in' }).click();
        assert.equal(await page.locator('#username-fault').textContent(),
                     'Enter your account name.');

        await signIn(page, 'ana', 'not it');
        await page.getByText('Account name or password is wrong.').waitFor();
        assert.equal(await page.getByLabel('Password', { exact: true })
            .getAttribute('aria-invalid'), 'true');
        await page.context().close();
    });

    it('helps password managers', async () => {
        const page = await office.page();

        await page.goto(`${office.url}/desk/`);
        assert.equal(await page.getByLabel('Account name')
            .getAttribute('autocomplete'), 'username');
        assert.equal(await page.getByLabel('Password', { exact: true })
            .getAttribute('autocomplete'), 'current-password');
        await page.context().close();
    });

    it('outlives a reload, ends on all pages with signing out', async () => {
        const one = await office.agent('ana', { state: null });
        const two = await office.page({ beside: one });

        await one.reload();
        await one.locator('.load').waitFor();
        await two.goto(`${office.url}/desk/`);
        await two.locator('.load').waitFor();

        await one.getByRole('button', { name: /^Account/ }).click();
        await one.getByRole('menuitem', { name: 'Sign out' }).click();
        await one.getByRole('heading', { name: /Sign in/ }).waitFor();
        await two.getByText('You were signed out.').waitFor();
        await one.context().close();
    });
});

describe('the frame', () => {
    let ana;

    before(async () => {
        ana = await office.agent('ana');
    });

    after(() => ana.context().close());

    it('runs under a strict policy with trusted types', async () => {
        const answer = await ana.request.get(`${office.url}/desk/`);
        const policy = answer.headers()['content-security-policy'];

        assert.match(policy, /require-trusted-types-for 'script'/);
        assert.match(policy, /default-src 'none'/);
    });

    it('closes a menu when the focus goes elsewhere', async () => {
        await ana.getByRole('button', { name: /^Presence/ }).click();
        await ana.getByRole('menuitemradio', { name: 'Away' }).waitFor();
        await ana.keyboard.press('Control+k');
        await ana.getByRole('combobox').waitFor();
        await ana.getByRole('menu').waitFor({ state: 'detached' });
        await ana.keyboard.press('Escape');
    });

    it('says that nothing is offered to an agent who is away', async () => {
        await setPresence(ana, 'Away');
        await ana.getByText('You are away: no chats are offered.').waitFor();
        await ana.getByRole('button', { name: 'Become available' }).click();
        await ana.getByRole('button', { name: 'Presence: Available' })
            .waitFor();
    });

    /* proves: I8 */
    it('opens the inbox by its icon in a narrow window', async () => {
        const list = ana.getByRole('region', { name: 'Inbox' });

        await ana.setViewportSize({ width: 800, height: 600 });
        await list.waitFor({ state: 'hidden' });
        await ana.locator('.rail').getByRole('button', { name: /^Inbox/ })
            .click();
        await list.waitFor();
        await ana.keyboard.press('Escape');
        await list.waitFor({ state: 'hidden' });
        await ana.setViewportSize({ width: 1280, height: 720 });
        await list.waitFor();
    });

    it('walks through chats and finds them by keys', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });
        const cid = await talk(office, ana, { name: 'Cid' });
        const current = async () => ana.locator('.tab.current')
            .getAttribute('data-conv');

        await ana.keyboard.press('Control+ArrowUp');
        assert.equal(await current(), bob.conv);
        await ana.keyboard.press('Control+ArrowDown');
        assert.equal(await current(), cid.conv);

        await ana.keyboard.press('Control+k');
        await ana.getByRole('combobox').fill('bob');
        await ana.keyboard.press('Enter');
        assert.equal(await current(), bob.conv);

        await ana.getByRole('heading', { name: 'Bob' }).click();
        await ana.locator('.log').focus();
        await ana.keyboard.press('?');
        await ana.getByRole('dialog', { name: 'Keyboard' }).waitFor();
        await ana.keyboard.press('Escape');
        await ana.locator('dialog').waitFor({ state: 'detached' });
    });

    /* proves: I16 A10 */
    it('has a clock while the presence state takes messaging', async () => {
        const clock = ana.locator('.rail').getByRole('button',
            { name: /^Ongoing messages/ });

        await clock.waitFor();
        await setPresence(ana, 'Chats only');
        await clock.waitFor({ state: 'hidden' });
        await setPresence(ana, 'Messages only');
        await clock.waitFor();
        await clock.click();
        await ana.getByRole('heading', { name: 'No ongoing messages' })
            .waitFor();
        await setPresence(ana, 'Available');
    });

    /* proves: I17 I18 I19 I20 */
    it('shows ongoing messages as cards, and counts what is unread',
       async () => {
        const rail = ana.locator('.rail');
        const region = ana.getByRole('region', { name: 'Ongoing messages' });

        await rail.getByRole('button', { name: /^Inbox/ }).click();

        const olga = await talk(office, ana, { name: 'Olga',
                                               flow: 'orders' });
        const card = region.locator(`[data-conv="${olga.conv}"]`);
        const bob = ana.locator('.inbox .chat-item', { hasText: 'Bob' });

        await bob.click();
        await ana.getByRole('heading', { name: 'Bob' }).waitFor();
        await olga.say('Where is my parcel?');
        await rail.getByRole('button',
            { name: 'Ongoing messages, 1 with unread messages' }).click();

        assert.equal(await region.locator('.message-card').count(), 1,
                     'chats have no card');
        await card.locator('.dot[data-is="news"]').waitFor();
        assert.match(await card.innerText(), /Where is my parcel\?/);
        assert.match(await card.innerText(), /#\d+/);
        assert.ok(Date.now() - Date.parse(await card.locator('time')
            .getAttribute('datetime')) < 120_000, 'the last update');

        /* the keyboard is there already */
        assert.ok(await card.evaluate(
            (element) => element === document.activeElement));
        await ana.keyboard.press('Enter');
        await ana.getByRole('heading', { name: 'Olga' }).waitFor();
        await card.locator('.dot[data-is="news"]')
            .waitFor({ state: 'detached' });
        await rail.getByRole('button',
            { name: 'Ongoing messages', exact: true }).waitFor();
        await rail.getByRole('button', { name: /^Inbox/ }).click();
        await olga.end();
        await ana.getByRole('button', { name: 'Remove: Olga' }).click();
    });

    for (const [what, begin, end] of [
        ['Redis was away', 'stop-redis', 'start-redis'],
        ['nginx was killed', 'kill-nginx', null],
    ]) {
        it(`keeps what was written while ${what}, and sends it once`,
           async () => {
            const box = ana.locator('.composer textarea');
            const balloon = ana.locator('.balloon-row.own',
                                        { hasText: what });

            await office.command(begin);
            await box.fill(what);
            await box.press('Enter');
            await balloon.waitFor();

            if (end !== null) {
                await balloon.getByText('Sending').waitFor();
                await office.command(end);
            }

            await eventually(async () => assert.match(
                await balloon.getAttribute('data-state'),
                /^(?:sent|delivered|read)$/), 30_000);
            await ana.reload();
            await balloon.first().waitFor();
            assert.equal(await balloon.count(), 1);
            await ana.locator('.banner').waitFor({ state: 'detached' });
        });
    }

    it('gives a duplicated tab a device of its own', async () => {
        const opened = ana.waitForEvent('popup');

        await ana.evaluate(() => { window.open(location.href); });

        const copy = await opened;
        const device = (page) => page.evaluate(
            () => sessionStorage.getItem('chatdesk.desk.device'));
        const say = async (page, text) => {
            await page.locator('.composer textarea').fill(text);
            await page.locator('.composer textarea').press('Enter');
            await copy.locator('.balloon', { hasText: text }).waitFor();
        };

        await copy.locator('.composer textarea').waitFor();
        assert.notEqual(await device(copy), await device(ana));
        await say(copy, 'from the copy');
        await say(ana, 'from the original');
        await say(copy, 'from the copy again');
        await copy.close();
    });

    it('is one column with a way back on a phone', async () => {
        const phone = await office.page({ beside: ana });

        await phone.setViewportSize({ width: 390, height: 844 });
        await phone.goto(`${office.url}/desk/`);
        await phone.locator('.chat-item').first().waitFor();
        assert.ok(await phone.locator('.work').isHidden());
        await phone.locator('.chat-item').first().click();
        await phone.locator('.composer textarea').waitFor();
        assert.ok(await phone.locator('.inbox').isHidden());
        assert.equal(await phone.evaluate(
            () => document.documentElement.scrollWidth), 390);
        await phone.getByRole('button', { name: 'Back to the inbox' }).click();
        await phone.locator('.chat-item').first().waitFor();
        await phone.close();
    });
});

/* the last: the address that asked too often is refused for a minute */
describe('too many attempts', () => {
    it('are told of, with the time to wait', async () => {
        const page = await office.page();

        await page.goto(`${office.url}/desk/`);
        await eventually(async () => {
            await page.getByLabel('Account name').fill('nobody');
            await page.getByLabel('Password', { exact: true }).fill('wrong');
            await page.getByLabel('Password', { exact: true }).press('Enter');
            await page.getByText('Too many attempts.')
                .waitFor({ timeout: 500 });
        }, 30_000);
        assert.match(await page.locator('.notice').textContent(),
                     /again in \d:\d\d/);
        assert.ok(await page.getByRole('button', { name: 'Sign in' })
            .isDisabled());
        await page.context().close();
    });
});
