/*
 * Networks that let no WebSocket through.
 *
 * nginx refuses the sockets of whoever sends the cookie `nosocket`, as a
 * proxy between would; without it they come through again.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Office, eventually } from './desk_support.mjs';
import { visit } from './widget_support.mjs';

const REFUSED = 'if ($http_cookie ~ nosocket) { return 403; }';

let office;

before(async () => {
    office = await Office.open({
        capacity: 50, stack: [`visitor=${REFUSED}`, `agent=${REFUSED}`],
    });
});

after(() => office.close());


const block = (page) => page.context()
    .addCookies([{ name: 'nosocket', value: '1', url: office.url }]);

const unblock = (page) => page.context().clearCookies({ name: 'nosocket' });


/* What the pages beside this one do: sockets that were answered, and
   requests of long-poll. */

function watch(page) {
    const seen = { sockets: 0, polls: 0 };

    page.context().on('request', (request) => {
        seen.polls += new URL(request.url()).pathname.endsWith('/poll');
    });
    page.context().on('page', (other) => other.on('websocket', (socket) => {
        socket.once('framereceived', () => { seen.sockets++; });
    }));

    return seen;
}


/* Counts the news of a connection that the page shows. */

const countBanners = (page, root) => page.evaluate((name) => {
    const top = name ? document.querySelector(name).shadowRoot : document;

    globalThis.banners = 0;
    new MutationObserver(() => {
        const banner = top.querySelector('.banner:not([hidden])');

        globalThis.banners += banner !== null;
    }).observe(top, { subtree: true, childList: true, attributes: true });
}, root);

const banners = (page) => page.evaluate(() => globalThis.banners);


/* A visitor in conversation with ana at her desk, both blocked. */

async function talk() {
    const [mine, hers] = [await office.page(), await office.page()];
    const seen = [watch(mine), watch(hers)];

    await block(mine);
    await block(hers);

    const page = await office.agent('ana', { beside: hers });
    const site = await visit(office, { beside: mine });

    await site.begin('Hello');
    await page.locator('.button.accept').first().click();
    await page.locator('.composer textarea').waitFor();

    return { site, page, seen };
}


async function leave({ site, page }) {
    await site.page.context().close();
    await page.context().close();
}


async function say(page, text) {
    await page.locator('.composer textarea').fill(text);
    await page.locator('.composer textarea').press('Enter');
}


/* Both sides show these messages, each once, in this order. */

async function agree({ site, page }, ...texts) {
    await site.shows(...texts);
    await eventually(async () => assert.deepEqual(
        (await page.locator('.balloon').allTextContents())
            .map((text) => text.trim()), texts));
}


describe('where WebSocket is blocked', () => {
    /* proves: V22 */
    it('visitor and agent talk all the same', async () => {
        const made = await talk();
        const { site, page, seen } = made;

        await countBanners(page);
        await say(page, 'Good morning');
        await agree(made, 'Hello', 'Good morning');
        await site.box.pressSequentially('How');
        await page.getByText(/is typing/).first().waitFor();
        await site.write('How are you?');
        await agree(made, 'Hello', 'Good morning', 'How are you?');
        await site.state('Read');
        await countBanners(site.page, 'chat-desk');
        await say(page, 'Well');
        await site.write('Glad');
        await agree(made, 'Hello', 'Good morning', 'How are you?', 'Well',
                    'Glad');
        assert.equal(await banners(page), 0, 'the desk stays calm');
        assert.equal(await banners(site.page), 0, 'so does the widget');

        for (const { sockets, polls } of seen) {
            assert.equal(sockets, 0);
            assert.ok(polls > 4);
        }

        await leave(made);
    });

    /* proves: V22 V16 O2 */
    it('nothing is lost or doubled while nginx reloads', async () => {
        const made = await talk();
        const { site, page, seen } = made;
        const words = ['one', 'two', 'three', 'four', 'five', 'six'];

        for (const word of words) {
            const reloaded = office.command('reload');

            await site.write(word);
            await reloaded;
        }

        await agree(made, 'Hello', ...words);

        const reloaded = office.command('reload');

        await say(page, 'seven');
        await say(page, 'eight');
        await reloaded;
        await agree(made, 'Hello', ...words, 'seven', 'eight');
        assert.equal(seen[0].sockets + seen[1].sockets, 0);
        await leave(made);
    });

    /* proves: V22 V16 */
    it('nor when nginx dies', async () => {
        const made = await talk();
        const { site, page } = made;

        await office.command('kill-nginx');
        await site.write('one');
        await say(page, 'two');
        await eventually(async () => {
            const texts = await site.texts();

            assert.deepEqual([...texts].sort(), ['Hello', 'one', 'two']);
        });
        await agree(made, ...await site.texts());
        await leave(made);
    });

    /* proves: V22 */
    it('a reload of the page loses no time over sockets', async () => {
        const made = await talk();
        const { site } = made;
        let tried = 0;

        site.page.on('websocket', () => { tried++; });
        await site.page.reload();
        await site.shows('Hello');
        await site.write('back');
        await agree(made, 'Hello', 'back');
        assert.equal(tried, 0);
        await leave(made);
    });

    /* proves: V22 */
    it('the socket is taken again as soon as it comes through', async () => {
        const made = await talk();
        const { site, page, seen } = made;

        await unblock(page);
        await unblock(site.page);
        await site.write('before');
        await eventually(() => assert.equal(seen[0].sockets, 1));
        await page.evaluate(() => dispatchEvent(new Event('online')));
        await eventually(() => assert.equal(seen[1].sockets, 1));
        await site.write('one');
        await say(page, 'two');
        await agree(made, 'Hello', 'before', 'one', 'two');

        const polls = seen.map((one) => one.polls);

        await site.write('three');
        await say(page, 'four');
        await agree(made, 'Hello', 'before', 'one', 'two', 'three', 'four');
        assert.deepEqual(seen.map((one) => one.polls), polls,
                         'no request is made any more');
        await leave(made);
    });
});


describe('a socket that opens and says nothing', () => {
    /* proves: V22 */
    it('is given up for long-poll', async () => {
        const mine = await office.page();

        await mine.context().routeWebSocket(/socket$/, () => {});

        const site = await visit(office, { beside: mine });

        await site.open();
        await site.write('Hello');
        await site.page.getByText('You are in the queue')
            .waitFor({ timeout: 40_000 });
        await site.state('Sent');
        await mine.context().close();
    });
});
