/*
 * Away and back: reloads, tabs, lost networks, limits, restarts.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Office, eventually } from './desk_support.mjs';
import { Agent, Site, visit } from './widget_support.mjs';

let office;
let ana;

before(async () => {
    office = await Office.open({
        capacity: 50,
        stack: ['visitor=chatdesk_rate 1r/s burst=4;'],
    });
    ana = await Agent.open(office, 'ana');
});

after(() => office.close());


async function talk(text = 'Hello') {
    const site = await visit(office);

    await site.begin(text);

    return { site, conv: await ana.accept(site) };
}


/* A second tab of the same visitor. */

async function tab(site) {
    const other = new Site(await office.page({ beside: site.page }),
                           site.url);

    await other.page.goto(`${site.url}/`);

    return other;
}


describe('a visitor who comes back', () => {
    /* proves: V12 */
    it('sees what was sent meanwhile', async () => {
        const { site, conv } = await talk();
        const { page } = site;

        await page.goto('about:blank');
        await ana.say(conv, 'one');
        await ana.say(conv, 'two');
        await page.goto(`${site.url}/`);
        await site.shows('Hello', 'one', 'two');
        await site.write('three');
        await ana.has(conv, 'Hello', 'one', 'two', 'three');
    });

    /* proves: V12 */
    it('sees the count of it before the panel is opened', async () => {
        const { site, conv } = await talk();

        await site.page.keyboard.press('Escape');
        await site.page.goto('about:blank');
        await ana.say(conv, 'one');
        await ana.say(conv, 'two');
        await site.page.goto(`${site.url}/`);
        await site.page.getByRole('button', { name: /unread: 2$/ }).click();
        await site.shows('Hello', 'one', 'two');
        await site.page.getByRole('button', { name: /unread/ })
            .waitFor({ state: 'detached' });
    });

    /* proves: V16 */
    it('without a network keeps what is written and sends it', async () => {
        const { site, conv } = await talk();
        const context = site.page.context();

        await context.setOffline(true);
        await office.command('kill-nginx');
        await site.page.getByText('You are offline').waitFor();
        await site.page.evaluate(() => {
            globalThis.heard = [];
            addEventListener('chatdesk:message', (event) =>
                globalThis.heard.push(event.detail.text));
        });
        await ana.say(conv, 'meanwhile');
        await site.write('one');
        await site.write('two');
        assert.equal(await site.page.locator('.own.sending').count(), 2);
        assert.equal(await site.page.getByText('Will be sent when')
            .count(), 2);
        await context.setOffline(false);
        await ana.has(conv, 'Hello', 'meanwhile', 'one', 'two');
        await site.shows('Hello', 'meanwhile', 'one', 'two');
        assert.equal(await site.page.locator('.own.sending').count(), 0);
        assert.deepEqual(await site.page.evaluate(() => globalThis.heard),
            ['meanwhile', 'one', 'two']);
    });

    /* proves: V16 */
    it('finds unsent messages after a reload', async () => {
        const { site, conv } = await talk();

        await site.page.evaluate(() => { WebSocket.prototype.send = () => {}; });
        await site.write('one');
        await site.write('two');
        await site.page.reload();
        await ana.has(conv, 'Hello', 'one', 'two');
        await site.shows('Hello', 'one', 'two');
    });

    /* proves: V16 */
    it('does not notice a reload of nginx', async () => {
        const { site, conv } = await talk();

        await office.command('reload');
        await site.write('one');
        await ana.has(conv, 'Hello', 'one');
        await site.shows('Hello', 'one');
        await site.state('Sent');
    });
});


/* proves: V16 */
describe('a desk that cannot take it now', () => {
    it('is waited for, visibly', async () => {
        const { site, conv } = await talk();

        await office.command('stop-redis');
        await site.write('one');
        await site.page.getByText(/^The desk is busy\. Sending again in/)
            .waitFor();
        await office.command('start-redis');
        await ana.has(conv, 'Hello', 'one');
        await site.shows('Hello', 'one');
        await site.state('Sent');
    });
});


/* proves: V16 */
describe('a limit', () => {
    it('says when the message goes out, and it does', async () => {
        const { site, conv } = await talk();
        const texts = ['1', '2', '3', '4', '5', '6', '7', '8'];

        for (const text of texts) {
            await site.write(text);
        }

        await site.page.getByText(/^Too fast\. Sending again in \d+ s$/)
            .waitFor();
        await ana.has(conv, 'Hello', ...texts);
        await site.shows('Hello', ...texts);
        await site.page.getByText(/^Too fast/).waitFor({ state: 'detached' });
    });

    it('on length is told before and while it is passed', async () => {
        const { site } = await talk();

        await site.box.fill('x'.repeat(7_900));
        await site.page.getByText('100 characters left').waitFor();
        await site.box.fill('x'.repeat(8_003));
        await site.page.getByText('3 characters too many').waitFor();
        assert.equal(await site.button('Send').isDisabled(), true);
    });
});


describe('several tabs', () => {
    /* proves: V20 */
    it('are in one conversation and in step', async () => {
        const { site, conv } = await talk('from one');
        const other = await tab(site);

        await other.launcher.waitFor();
        await other.page.evaluate(() => globalThis.ChatDesk('open'));
        await other.shows('from one');
        await other.write('from two');
        await site.shows('from one', 'from two');
        await ana.say(conv, 'to both');
        await site.shows('from one', 'from two', 'to both');
        await other.shows('from one', 'from two', 'to both');
        await ana.has(conv, 'from one', 'from two', 'to both');

        const devices = new Set((await ana.messages(conv))
            .filter((message) => message.role === 'visitor')
            .map((message) => message.mid.split('.')[0]));

        assert.equal(devices.size, 1, 'one tab speaks for both');

        await site.button('End chat').click();
        await site.page.getByRole('alertdialog')
            .getByRole('button', { name: 'End chat' }).click();
        await other.page.getByText('You ended the chat').waitFor();
    });

    /* proves: V20 */
    it('hand over when the first is closed', async () => {
        const { site, conv } = await talk('from one');
        const other = await tab(site);

        await other.launcher.waitFor();
        await other.page.evaluate(() => globalThis.ChatDesk('open'));
        await other.shows('from one');
        await site.page.close();
        await other.write('from two');
        await ana.say(conv, 'answer');
        await eventually(async () => assert.deepEqual(
            new Set(await other.texts()),
            new Set(['from one', 'from two', 'answer'])));
        await other.state('Sent');
    });

    /* proves: V20 */
    it('count what is unread together', async () => {
        const { site, conv } = await talk();
        const other = await tab(site);

        await other.launcher.waitFor();
        await site.page.keyboard.press('Escape');
        await ana.say(conv, 'news');

        for (const { page } of [site, other]) {
            await page.getByRole('button', { name: /unread: 1$/ }).waitFor();
        }

        await other.page.bringToFront();
        await other.launcher.click();
        await site.page.getByRole('button', { name: /unread/ })
            .waitFor({ state: 'detached' });
    });
});
