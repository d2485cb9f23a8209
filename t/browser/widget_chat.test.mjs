/*
 * The visitor's chat: one line on the site, messages both ways, signs of
 * life, and the end of it.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Office, eventually } from './desk_support.mjs';
import { Agent, visit } from './widget_support.mjs';

let office;
let ana;

before(async () => {
    office = await Office.open({ capacity: 50 });
    ana = await Agent.open(office, 'ana');
});

after(() => office.close());


/* A visitor in a conversation that ana has taken. */

async function talk(text = 'Hello', options = {}) {
    const site = await visit(office, options);

    await site.begin(text);

    const conv = await ana.accept(site);

    await site.page.getByText('Ana Lima joined the chat').waitFor();

    return { site, conv };
}


describe('the launcher', () => {
    /* proves: V1 V11 */
    it('comes with one line and opens a chat on the same page', async () => {
        const requests = [];
        const site = await visit(office, {
            prepare: (page) => page.on('request', (request) =>
                requests.push(new URL(request.url()))),
        });
        const before = site.page.url();
        const asked = () => requests
            .filter((url) => url.pathname.startsWith('/chatdesk/'))
            .map((url) => url.pathname);

        assert.deepEqual(asked(), ['/chatdesk/widget.js'],
                         'one request until somebody wants to chat');
        await site.begin('Is the monstera in stock?');

        const conv = await ana.accept(site);

        await ana.has(conv, 'Is the monstera in stock?');
        assert.equal(site.page.url(), before);
        assert.equal(site.page.context().pages().length, 1);
        assert.deepEqual(
            [...new Set(requests.map((url) => url.origin))], [office.url],
            'no other host is asked');
    });

    /* proves: V2 */
    it('takes calls that were made before it was there', async () => {
        const site = await visit(office, {
            prepare: (page) => page.addInitScript(() => {
                const stub = (...call) => { stub.q.push(call); };

                stub.q = [];
                globalThis.heard = [];
                globalThis.ChatDesk = stub;
                stub('on', 'open', () => globalThis.heard.push('open'));
                stub('identify', { name: 'Zoe', email: 'zoe@shop.example' });
                stub('showNewMessage', 'A question');
            }),
        });

        await site.panel.waitFor();
        await eventually(async () =>
            assert.equal(await site.box.inputValue(), 'A question'));
        await site.box.press('Enter');
        await site.page.getByText('You are in the queue').waitFor();

        const conv = await ana.accept(site);
        const card = (await ana.frames('card'))
            .findLast((frame) => frame.conv === conv);

        assert.equal(card.name, 'Zoe');
        assert.equal(card.email, 'zoe@shop.example');
        assert.equal(card.page, `${office.url}/`);
        assert.deepEqual(await site.page.evaluate(() => globalThis.heard),
                         ['open']);
    });

    /* proves: V2 */
    it('speaks to the page by events and takes its texts', async () => {
        const site = await visit(office);
        const { page } = site;

        await page.evaluate(() => {
            globalThis.heard = [];

            for (const name of ['open', 'close', 'unread', 'end', 'message']) {
                addEventListener(`chatdesk:${name}`, (event) =>
                    globalThis.heard.push([name, event.detail?.text ?? '']));
            }

            globalThis.ChatDesk('update', {
                texts: { welcome: 'Plants talk here' },
            });
        });
        await site.open();
        await page.getByText('Plants talk here').waitFor();
        await site.write('one');
        await page.getByText('You are in the queue').waitFor();

        const conv = await ana.accept(site);

        await ana.say(conv, 'two');
        await site.shows('one', 'two');
        await ana.end(conv);
        await page.getByText('Ana Lima ended the chat').waitFor();
        await page.evaluate(() => globalThis.ChatDesk('close'));
        assert.deepEqual(
            await page.evaluate(() => globalThis.heard),
            [['open', ''], ['message', 'one'], ['message', 'two'],
             ['end', ''], ['close', '']]);
        await page.evaluate(() => globalThis.ChatDesk('shutdown'));
        await eventually(async () => assert.equal(await page.evaluate(
            () => Object.keys(localStorage).length), 0));
    });
});


/* proves: V2 */
it('takes the look that the page gives it', async () => {
    const site = await visit(office, {
        prepare: (page) => page.addInitScript(() =>
            addEventListener('DOMContentLoaded', () => {
                const sheet = new CSSStyleSheet();

                sheet.replaceSync(`
                    chat-desk { --chatdesk-accent: rgb(11, 110, 79); }
                    chat-desk::part(launcher) { width: 80px; }
                    chat-desk::part(header) { padding-inline-start: 40px; }
                    button { background: red; }`);
                document.adoptedStyleSheets = [sheet];
            })),
    });
    const style = (locator, name) => locator.evaluate(
        (element, key) => getComputedStyle(element)[key], name);

    await site.open();

    const header = site.panel.locator('header');

    assert.equal(await style(site.launcher, 'backgroundColor'),
                 'rgb(11, 110, 79)');
    assert.equal(await style(site.launcher, 'width'), '80px');
    assert.equal(await style(header, 'backgroundColor'), 'rgb(11, 110, 79)');
    assert.equal(await style(header, 'paddingLeft'), '40px');
});


describe('the conversation', () => {
    /* proves: V4 C2 */
    it('shows sender, date and time of both parties, in order', async () => {
        const { site, conv } = await talk('one');

        await ana.say(conv, 'two');
        await site.shows('one', 'two');
        await site.write('three');
        await site.write('four');
        await ana.say(conv, 'five');
        await site.shows('one', 'two', 'three', 'four', 'five');
        await ana.has(conv, 'one', 'two', 'three', 'four', 'five');
        assert.deepEqual(
            await site.page.locator('.line .sender').allTextContents(),
            ['You', 'Ana Lima', 'You', 'You', 'Ana Lima']);

        const messages = await ana.messages(conv);
        const times = await site.page.locator('.balloon time').all();

        assert.equal(times.length, 5);

        for (const [i, time] of times.entries()) {
            assert.equal(await time.getAttribute('datetime'),
                         new Date(messages[i].at).toISOString());
            assert.match(await time.textContent(), /^\d\d?:\d\d/);
            assert.match(await time.getAttribute('title'), /\d{4}/);
        }

        assert.match(await site.page.locator('.day').textContent(), /today/i);
    });

    /* proves: V4 */
    it('keeps text as text, and lines as lines', async () => {
        const { site, conv } = await talk('start');
        const hostile = '<img src=x onerror="document.title=1"> <b>b</b>';

        await site.box.pressSequentially('a');
        await site.box.press('Shift+Enter');
        await site.box.pressSequentially('b');
        await site.box.press('Enter');
        await ana.has(conv, 'start', 'a\nb');
        await ana.say(conv, hostile);
        await ana.say(conv, 'see https://shop.example/x. javascript:alert(1)');
        await site.shows('start', 'a\nb', hostile,
                         'see https://shop.example/x. javascript:alert(1)');
        assert.equal(await site.page.locator('.balloon :is(img, b)').count(),
                     0);

        const link = site.page.locator('.balloon a');

        assert.equal(await link.count(), 1);
        assert.equal(await link.getAttribute('href'),
                     'https://shop.example/x');
        assert.match(await link.getAttribute('rel'), /noopener/);
    });

    /* proves: V5 */
    it('shows typing both ways within a second, and its end', async () => {
        const { site, conv } = await talk();
        const typing = async () => (await ana.frames('typing'))
            .filter((frame) => frame.conv === conv
                && frame.role === 'visitor')
            .map((frame) => frame.on);

        await ana.send({ t: 'typing', conv, on: true });
        await site.page.getByText('Ana Lima is typing')
            .waitFor({ timeout: 1_000 });
        await ana.send({ t: 'typing', conv, on: false });
        await site.page.getByText('Ana Lima is typing')
            .waitFor({ state: 'detached' });

        await site.box.pressSequentially('Hm');
        await eventually(async () => assert.deepEqual(await typing(), [true]),
                         1_000);
        await eventually(async () =>
            assert.deepEqual(await typing(), [true, false]));
    });

    /* proves: V16 */
    it('says how far a message has come', async () => {
        const { site, conv } = await talk();

        await site.write('Are you there?');
        await site.state('Sent');
        await ana.has(conv, 'Hello', 'Are you there?');

        const got = (await ana.messages(conv)).at(-1).v;

        await ana.send({ t: 'mark', conv, got, read: 0 });
        await site.state('Delivered');
        await ana.send({ t: 'mark', conv, got, read: got });
        await site.state('Read');
        assert.equal(await site.page.locator('.own.read').count(), 2);
    });

    /* proves: V16 */
    it('tells the agent what has arrived and what was read', async () => {
        const { site, conv } = await talk();
        const marks = async () => {
            const mark = (await ana.frames('mark')).findLast((frame) =>
                frame.conv === conv && frame.role === 'visitor');

            return [mark?.got, mark?.read];
        };

        await site.page.keyboard.press('Escape');
        await site.panel.waitFor({ state: 'hidden' });
        await ana.say(conv, 'while it is closed');

        const { v } = (await ana.messages(conv)).at(-1);

        await eventually(async () => assert.equal((await marks())[0], v));
        assert.ok((await marks())[1] < v, 'arrived, but not read');
        await site.page.getByRole('button', { name: /unread: 1$/ }).click();
        await eventually(async () => assert.deepEqual(await marks(), [v, v]));
    });

    /* proves: V9 */
    it('never shows a private message', async () => {
        const { site, conv } = await talk();

        await ana.say(conv, 'public one');
        await ana.say(conv, 'a secret', { private: true });
        await ana.say(conv, 'public two');
        await site.shows('Hello', 'public one', 'public two');
        await site.page.reload();
        await site.shows('Hello', 'public one', 'public two');
        assert.equal(await site.page.getByText('secret').count(), 0);
    });
});


describe('the end', () => {
    /* proves: V8 */
    it('is not closing the panel', async () => {
        const { site, conv } = await talk();

        await site.button('Close chat').first().click();
        await site.panel.waitFor({ state: 'hidden' });
        await ana.say(conv, 'still there?');
        await site.page.getByRole('button', { name: /unread: 1$/ }).click();
        await site.write('yes');
        await ana.has(conv, 'Hello', 'still there?', 'yes');
    });

    /* proves: V8 */
    it('is a button that asks first, and a new chat can follow', async () => {
        const { site, conv } = await talk();

        await site.button('End chat').click();
        await site.button('Keep chatting').click();
        await site.write('not yet');
        await ana.has(conv, 'Hello', 'not yet');

        await site.button('End chat').click();
        await site.page.getByRole('alertdialog')
            .getByRole('button', { name: 'End chat' }).click();
        await site.page.getByText('You ended the chat').waitFor();
        await eventually(async () => assert.equal(
            (await ana.frames('phase')).findLast(
                (frame) => frame.conv === conv).closed_by, 'visitor'));
        assert.equal(await site.box.count(), 0);
        assert.equal(await site.page.evaluate(() => document
            .querySelector('chat-desk').shadowRoot.activeElement?.textContent),
            'Start a new chat');

        await site.button('Start a new chat').click();
        await eventually(async () =>
            assert.equal(await site.focused(), 'Message'));
        await site.write('another thing');

        const next = await ana.accept(site);

        assert.notEqual(next, conv);
        await site.shows('another thing');
        await ana.has(next, 'another thing');
    });

    it('by the agent is said to the visitor', async () => {
        const { site, conv } = await talk();

        await ana.end(conv);
        await site.page.getByText('Ana Lima ended the chat').waitFor();
        await site.button('Start a new chat').waitFor();
    });
});
