/*
 * A chat at the agent's desk: balloons, signs of life, unread counts, the
 * clock on the tab, and how it ends.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Office, eventually, talk } from './desk_support.mjs';

let office;
let ana;

before(async () => {
    office = await Office.open({ capacity: 20 });
    ana = await office.agent('ana');
});

after(() => office.close());

const tabOf = (visitor, page = ana) =>
    page.locator(`.tab[data-conv="${visitor.conv}"]`);
const rowOf = (visitor, page = ana) =>
    page.locator(`.chat-item[data-conv="${visitor.conv}"]`);

async function write(text, page = ana) {
    await page.locator('.composer textarea').fill(text);
    await page.keyboard.press('Enter');
}

describe('the conversation', () => {
    /* proves: C2 V4 */
    it('shows sender, date and time of both parties, in order', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });

        await bob.say('one');
        await ana.locator('.balloon', { hasText: 'one' }).waitFor();
        await write('two');
        await ana.locator('.balloon', { hasText: 'two' }).waitFor();
        await bob.say('three');
        await ana.locator('.balloon', { hasText: 'three' }).waitFor();

        assert.deepEqual(await ana.locator('.balloon').allTextContents(),
                         ['one', 'two', 'three']);
        assert.deepEqual(
            await ana.locator('.balloon-head b').allTextContents(),
            ['Bob', 'Ana Lima', 'Bob']);

        const today = new Intl.DateTimeFormat('en-GB',
            { day: 'numeric', month: 'short' }).format();

        for (const time of await ana.locator('.balloon-head time').all()) {
            assert.ok((await time.textContent()).startsWith(`${today}, `));
            assert.match(await time.textContent(), / \d?\d:\d\d$/);
        }

        await eventually(async () => assert.deepEqual(
            (await bob.frames('message')).map((one) => one.text),
            ['one', 'two', 'three']));
    });

    /* proves: V16 */
    it('says how far a message has come', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });
        const state = ana.locator('.balloon-row.own').last();

        await write('Are you there?');
        await state.getByText('Sent', { exact: true }).waitFor();
        await eventually(async () => assert.equal(
            (await bob.frames('message')).length, 1));
        await bob.mark(false);
        await state.getByText('Delivered').waitFor();
        await bob.mark(true);
        await state.getByText('Read').waitFor();
    });

    /* proves: V5 */
    it('shows typing both ways, and its end', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });

        await bob.send({ t: 'typing', on: true });
        await ana.getByText('Bob is typing').waitFor({ timeout: 1000 });
        await bob.send({ t: 'typing', on: false });
        await ana.getByText('Bob is typing').waitFor({ state: 'detached' });

        await ana.locator('.composer textarea').pressSequentially('Hm');
        await eventually(async () => assert.equal(
            (await bob.frames('typing')).at(-1)?.on, true));
        await eventually(async () => assert.equal(
            (await bob.frames('typing')).at(-1)?.on, false));
    });

    /* proves: C1 */
    it('checks spelling in the language of the conversation', async () => {
        await talk(office, ana, { name: 'Rui', lang: 'pt-PT' });

        const box = ana.locator('.composer textarea');

        assert.equal(await box.getAttribute('lang'), 'pt-PT');
        assert.equal(await box.evaluate((one) => one.spellcheck), true);
    });

    it('breaks the line with Shift+Enter and keeps text as text', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });

        await ana.locator('.composer textarea').pressSequentially('a');
        await ana.keyboard.press('Shift+Enter');
        await ana.keyboard.type('<b>b</b>');
        await ana.keyboard.press('Enter');
        await eventually(async () => assert.equal(
            (await bob.frames('message'))[0]?.text, 'a\n<b>b</b>'));
        assert.equal(await ana.locator('.balloon b').count(), 0);
    });

    /* proves: I15 */
    it('is split: conversation, and script with customer details', async () => {
        await talk(office, ana, {
            name: 'Rui', email: 'rui@shop.example', lang: 'pt-PT',
            page: 'https://shop.example/cart', title: 'Cart',
        });

        const details = ana.locator('.details');
        const text = await details.textContent();

        for (const part of ['Rui', 'rui@shop.example', 'Sales', 'Cart']) {
            assert.ok(text.includes(part), part);
        }

        const left = await ana.locator('.conversation').boundingBox();
        const right = await details.boundingBox();

        assert.ok(left.x + left.width <= right.x + 1, 'side by side');

        await details.getByRole('button', { name: /Greeting/ }).click();
        assert.match(await ana.locator('.composer textarea').inputValue(),
                     /Rui.*Ana Lima/);
        await ana.locator('.composer textarea').fill('');
    });

    it('stays where the agent reads, and tells of what is new', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });
        const log = ana.locator('.log');

        for (let at = 0; at < 30; at++) {
            await bob.say(`line ${at}`);
        }

        await log.getByText('line 29').waitFor();
        await log.evaluate((one) => one.scrollTo(0, 0));
        await ana.getByRole('button', { name: 'To the newest' }).waitFor();
        await bob.say('one more');

        const button = ana.getByRole('button', { name: '1 new message' });

        await button.waitFor();
        assert.equal(await log.evaluate((one) => one.scrollTop), 0);
        await button.click();
        await button.waitFor({ state: 'detached' });
    });
});

describe('history', () => {
    /* proves: C3 */
    it('is the last 50 messages', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });

        for (let at = 1; at <= 53; at++) {
            await bob.say(`line ${at}`);
        }

        await ana.locator('.balloon').getByText('line 53').waitFor();
        await ana.reload();
        await ana.locator('.balloon').getByText('line 53').waitFor();

        const texts = await ana.locator('.balloon').allTextContents();

        assert.equal(texts.length, 50);
        assert.equal(texts[0], 'line 4');
        await ana.getByText('These are the last 50 messages.').waitFor();
    });
});

describe('the inbox', () => {
    /* proves: I12 I13 N2 */
    it('counts unread messages and clears them on all devices', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });
        const cid = await talk(office, ana, { name: 'Cid' });
        const second = await office.page({ beside: ana });

        await second.goto(`${office.url}/desk/`);
        await rowOf(cid, second).click();
        await bob.say('first');
        await bob.say('second');

        for (const page of [ana, second]) {
            await eventually(async () => assert.equal(
                await rowOf(bob, page).locator('.badge').textContent(),
                '2 unread'));
        }

        await eventually(async () => assert.match(await second.title(),
                                                  /^\* \(2\)/));
        assert.equal(await second.locator('.rail-button .dot.corner').count(),
                     1);

        await second.bringToFront();
        await rowOf(bob, second).click();
        await second.locator('.log').getByText('second').waitFor();

        for (const page of [ana, second]) {
            await rowOf(bob, page).locator('.badge')
                .waitFor({ state: 'detached' });
        }

        await eventually(async () => assert.doesNotMatch(
            await second.title(), /^\*/));
        await second.close();
        await ana.bringToFront();
    });

    /* proves: I11 E2 */
    it('shows who is connected, and asks nothing when they are not',
       async () => {
        const bob = await talk(office, ana, { name: 'Bob' });
        const dots = [
            rowOf(bob).locator('.presence'), tabOf(bob).locator('.presence'),
            ana.locator('.conversation-head .presence'),
        ];
        const color = (dot) => dot.evaluate(
            (one) => getComputedStyle(one).backgroundColor);
        const green = await color(dots[0]);

        for (const dot of dots) {
            assert.equal(await dot.getAttribute('data-is'), 'on');
        }

        await bob.leave();

        for (const dot of dots) {
            await eventually(async () => assert.equal(
                await dot.getAttribute('data-is'), 'off'));
            assert.notEqual(await color(dot), green);
        }

        await tabOf(bob).locator('.tab-close').click();
        await tabOf(bob).waitFor({ state: 'detached' });
        assert.equal(await ana.locator('dialog').count(), 0);
    });

    /* proves: I14 */
    it('counts the time since the last reply on each tab', async () => {
        const bob = await talk(office, ana, { name: 'Bob', first: 'Hi' });
        const since = tabOf(bob).locator('.tab-since');
        const span = async () => {
            const [minutes, seconds] = (await since.locator('time')
                .textContent()).split(':').map(Number);

            return minutes * 60 + seconds;
        };

        assert.match(await since.textContent(), /^No reply /);
        await eventually(async () => assert.ok(await span() >= 2));
        await write('Hello Bob');
        await eventually(async () => {
            assert.match(await since.textContent(), /^Reply .* ago$/);
            assert.ok(await span() < 2);
        });
        await eventually(async () => assert.ok(await span() >= 2));
    });
});

describe('the end', () => {
    /* proves: E1 E4 */
    it('is asked for by the x while the visitor is connected', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });
        const cross = tabOf(bob).locator('.tab-close');
        const tab = await tabOf(bob).boundingBox();
        const at = await cross.boundingBox();

        assert.ok(at.x > tab.x + tab.width / 2 && at.y < tab.y + 12,
                  'the x is at the top right');

        await cross.click();
        await ana.getByRole('dialog', { name: 'End this chat?' }).waitFor();
        await ana.keyboard.press('Escape');
        await ana.locator('dialog').waitFor({ state: 'detached' });
        assert.equal(await ana.locator('.ended').count(), 0);

        await cross.click();
        await ana.locator('.confirm-end').click();
        await tabOf(bob).waitFor({ state: 'detached' });
        await eventually(async () => {
            const phase = (await bob.frames('phase')).at(-1);

            assert.equal(phase.phase, 'closed');
            assert.equal(phase.closed_by, 'agent');
        });
    });

    /* proves: E3 E2 */
    it('by the visitor is shown, and the x then asks nothing', async () => {
        const bob = await talk(office, ana, { name: 'Bob' });

        await bob.end();
        await ana.locator('.ended').getByText('Bob ended the chat').waitFor();
        assert.equal(await ana.locator('.composer').count(), 0);

        await tabOf(bob).locator('.tab-close').click();
        await tabOf(bob).waitFor({ state: 'detached' });
        assert.equal(await ana.locator('dialog').count(), 0);
    });
});
