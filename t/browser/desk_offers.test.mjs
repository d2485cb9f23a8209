/*
 * Offers at the agent's desk: tab, bar, countdown, keys, reject, run out.
 */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { Office, eventually, setPresence } from './desk_support.mjs';

const ACCEPT_SECONDS = 6;

let office;
let ana;

before(async () => {
    office = await Office.open({ acceptSeconds: ACCEPT_SECONDS, capacity: 4,
                                 roles: { ben: 'supervisor' } });
    ana = await office.agent('ana');
});

after(() => office.close());

/* every test leaves an empty inbox */
afterEach(async () => {
    await setPresence(ana, 'Busy');

    await eventually(async () => {
        const tabs = ana.locator('.tab');
        const sure = ana.locator('.confirm-end');

        if (await sure.count() > 0) {
            await sure.click({ timeout: 500 });

        } else if (await tabs.count() > 0) {
            await tabs.locator('.tab-close').first().click({ timeout: 500 });
        }

        assert.equal(await tabs.count(), 0);
    });

    await setPresence(ana, 'Available');
});

const seconds = async (page) => Number(
    (await page.locator('.ring b').first().textContent()));

/* A work item, made by the REST interface as a supervisor. */

async function makeItem(item) {
    const json = { 'Content-Type': 'application/json' };
    const login = await fetch(`${office.url}/desk/api/login`, {
        method: 'POST', headers: json,
        body: JSON.stringify({
            login: 'ben', password: office.passwords.get('ben'),
        }),
    });
    const made = await fetch(`${office.url}/desk/api/v1/items`, {
        method: 'POST',
        headers: {
            ...json, Cookie: login.headers.get('set-cookie').split(';')[0],
        },
        body: JSON.stringify(item),
    });

    assert.equal(made.status, 201, await made.clone().text());

    return (await made.json()).conv;
}

describe('a work item', () => {
    /* proves: I10 */
    it('is offered by title and kind, opens with a safe link', async () => {
        const conv = await makeItem({
            kind: 'incident', title: 'Shop <b>down</b>', queue: 'sales',
            link: 'https://incidents.example/7?a=b',
        });
        const offer = ana.locator('.offer');

        await offer.waitFor();
        assert.match(await offer.textContent(),
                     /Shop <b>down<\/b>.*Incident in Sales/);
        await ana.locator('.offer .accept').click();

        const link = ana.locator('.item .item-link');

        await link.waitFor();
        assert.equal(await link.getAttribute('href'),
                     'https://incidents.example/7?a=b');
        assert.match(await link.getAttribute('rel'), /noopener/);
        assert.equal(await ana.locator('.composer').count(), 0);

        const tab = ana.locator(`.tab[data-conv="${conv}"]`);

        assert.match(await tab.textContent(), /Shop <b>down<\/b>Incident/);
        await ana.locator('.item .end-chat').click();
        await tab.waitFor({ state: 'detached' });
    });
});

describe('an offer', () => {
    /* proves: I2 I6 I7 */
    it('opens a tab with Accept in green, Reject and a countdown', async () => {
        const bob = await office.visitor({ name: 'Bob', first: 'Hello?' });
        const tab = ana.locator(`.tab[data-conv="${bob.conv}"]`);

        await tab.waitFor();
        assert.match(await tab.textContent(), /Bob.*Offer, 0:0\d left/);

        const accept = ana.locator('.offer .accept');

        await ana.locator('.offer .reject').waitFor();
        await eventually(async () => assert.match(
            await ana.locator('.offer').textContent(), /Hello\?/));

        const [red, green, blue] = (await accept.evaluate(
            (one) => getComputedStyle(one).backgroundColor))
            .match(/\d+/g).map(Number);

        assert.ok(green > red + 40 && green > blue + 40, 'Accept is green');

        const before = await seconds(ana);

        assert.ok(before > 0 && before <= ACCEPT_SECONDS);
        await eventually(async () => assert.ok(await seconds(ana) < before));

        await ana.keyboard.press('Alt+a');
        await ana.locator('.composer textarea').waitFor();
    });

    /* proves: I4 I7 */
    it('is accepted with one key and connects at once', async () => {
        const bob = await office.visitor({ name: 'Bob', first: 'Hello?' });

        await ana.locator('.offer').waitFor();
        await ana.keyboard.press('a');
        await ana.locator('.log').getByText('Hello?').waitFor();
        await ana.locator('.log').getByText('You joined').waitFor();
        await eventually(async () => assert.ok((await bob.frames('event'))
            .some((one) => one.what === 'joined' && one.name === 'Ana Lima')));
    });

    /* proves: I5 N7 N8 */
    it('shows in a bar while the agent is in another chat', async () => {
        await office.visitor({ name: 'Bob' });
        await ana.locator('.offer .accept').click();
        await ana.locator('.composer textarea').fill('A draft for Bob');

        const cid = await office.visitor({ name: 'Cid', first: 'Me too' });
        const bar = ana.locator('.offer-bar');

        await bar.getByText('Cid').waitFor();
        await ana.getByRole('alert')
            .filter({ hasText: 'New chat: Cid in Sales' })
            .waitFor({ state: 'attached' });
        assert.equal(await ana.locator('.composer textarea').inputValue(),
                     'A draft for Bob', 'the agent stays where they are');
        assert.equal(await ana.locator('.tab').count(), 2);

        await bar.locator('.accept').click();
        await ana.locator(`.tab.current[data-conv="${cid.conv}"]`).waitFor();
        await bar.waitFor({ state: 'detached' });

        await ana.keyboard.press('Control+ArrowUp');
        await eventually(async () => assert.equal(
            await ana.locator('.composer textarea').inputValue(),
            'A draft for Bob', 'the draft is kept with its chat'));
    });

    /* proves: I3 N8 */
    it('goes to another agent when it is rejected, in the bar', async () => {
        const ben = await office.agent('ben', { state: 'Busy' });

        await office.visitor({ name: 'Cid' });
        await ana.locator('.offer .accept').click();
        await ana.locator('.composer textarea').waitFor();

        const bob = await office.visitor({ name: 'Bob' });
        const bar = ana.locator('.offer-bar');

        await bar.getByText('Bob').waitFor();
        await setPresence(ben, 'Available');
        await bar.locator('.reject').click();
        await bar.waitFor({ state: 'detached' });
        await ben.locator('.offer .accept').click();
        await ben.locator('.composer textarea').fill('Ben here');
        await ben.keyboard.press('Enter');
        await eventually(async () => assert.ok((await bob.frames('message'))
            .some((one) => one.text === 'Ben here')));
        assert.equal(await ana.locator('.tab').count(), 1);
        await ben.context().close();
    });

    /* proves: I2 I3 I6 */
    it('is answered from the list on a phone', async () => {
        await setPresence(ana, 'Busy');

        const ben = await office.agent('ben', {
            viewport: { width: 390, height: 844 }, hasTouch: true,
        });
        const dan = await office.visitor({ name: 'Dan' });
        const answer = ben.getByRole('group', { name: 'Offer of Dan' });

        await answer.getByRole('timer').waitFor();
        assert.ok(await ben.locator('.work').isHidden());
        await setPresence(ana, 'Available');
        await answer.getByRole('button', { name: 'Reject' }).tap();
        await answer.waitFor({ state: 'detached' });
        await ana.locator(`.tab[data-conv="${dan.conv}"]`).waitFor();
        await dan.end();

        const eve = await office.visitor({ name: 'Eve' });

        await setPresence(ana, 'Busy');
        await ben.getByRole('group', { name: 'Offer of Eve' })
            .getByRole('button', { name: 'Accept' })
            .tap({ timeout: 40_000 });
        await ben.locator('.composer textarea').fill('Ben here');
        await ben.getByRole('button', { name: 'Send' }).tap();
        await eventually(async () => assert.ok((await eve.frames('message'))
            .some((one) => one.text === 'Ben here')));
        await ben.context().close();
    });

    /* proves: I6 */
    it('goes away when its time has run out, and says so', async () => {
        await office.visitor({ name: 'Bob' });
        await ana.locator('.offer').waitFor();
        await ana.locator('.toast')
            .getByText('Bob: the time to accept ran out.').waitFor();

        /* nobody else is there: it may come again, to be taken */
        await ana.locator('.accept').first().click({ timeout: 40_000 });
        await ana.locator('.composer textarea').waitFor();
    });

    /* proves: I13 N2 */
    it('puts a dot without a number on the inbox, and a mark into the title',
       async () => {
        const inbox = ana.locator('.rail').getByRole('button',
                                                     { name: /^Inbox/ });

        assert.equal(await inbox.locator('.dot').count(), 0);
        assert.doesNotMatch(await ana.title(), /^\*/);

        const bob = await office.visitor({ name: 'Bob' });

        await inbox.locator('.dot').waitFor();
        assert.equal((await inbox.textContent()).trim(), '');
        assert.match(await ana.title(), /^\*/);

        await ana.locator('.offer .accept').click();
        await ana.locator('.composer textarea').waitFor();
        await inbox.locator('.dot').waitFor({ state: 'detached' });
        assert.doesNotMatch(await ana.title(), /^\*/);

        await bob.end();
        await ana.locator('.ended').waitFor();
    });
});
