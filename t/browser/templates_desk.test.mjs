/*
 * Templates: managed on one desk, in step on another, chosen with the
 * keyboard, filled in, and never sent by themselves.
 *
 * proves: C7 P1 P2 P3 P13 U4
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';

import { Office, eventually, talk } from './desk_support.mjs';

const AXE = createRequire(new URL('../../ui/package.json', import.meta.url))
    .resolve('axe-core/axe.min.js');

/* what saving a wrong one puts into the console */
const REFUSED = /status of (?:400|412)/;

let office;
let ana;
let ben;
let bob;

before(async () => {
    office = await Office.open({ roles: { ben: 'supervisor' },
                                 expected: REFUSED });
    ben = await office.agent('ben', { state: 'Away' });
    ana = await office.agent('ana');
    bob = await talk(office, ana, { name: '<b>Bob</b>' });
});

after(() => office.close());

const box = () => ana.locator('.composer textarea');
const form = (page) => page.locator('.templates-form');
const row = (page, title) => page.locator('.templates-list li')
    .filter({ hasText: title });


async function manage(page) {
    await page.getByRole('button', { name: 'Manage templates' }).click();
    await page.locator('.templates-page').waitFor();
}


/* A new template of one language; saves it. */

async function make(page, whose, { title, shortcut, text, choices }) {
    await page.getByRole('button', { name: whose }).click();
    await page.getByLabel('Title').fill(title);
    await page.getByLabel(/^Shortcut/).fill(shortcut);
    await form(page).getByLabel('Text', { exact: true }).fill(text);

    if (choices) {
        await page.getByLabel(/^Choices/).fill(choices);
    }

    await page.getByRole('button', { name: 'Save' }).click();
}


async function saved(page) {
    await form(page).getByText('Saved', { exact: true }).waitFor();
}


async function close(page) {
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('.templates-page').waitFor({ state: 'detached' });
}


describe('managing', () => {
    it('makes one for all, and says what is wrong and where', async () => {
        await manage(ben);
        await make(ben, 'New for all', {
            title: 'Greeting', shortcut: 'hi',
            text: 'Good day {{client.name}},\nthis is {{agent.nmae}}.',
        });
        await form(ben).getByText(/line 2, column 9: .*no such variable/i)
            .getByText(/variable: agent\.nmae\. There are .*agent\.name/)
            .waitFor();
        assert.equal(await row(ben, 'Greeting').count(), 0, 'not saved');

        await form(ben).getByLabel('Text', { exact: true })
            .fill('Good day {{client.name}},\nthis is {{agent.name}}.');
        await form(ben).getByText('this is Sam Roe.').waitFor();
        await ben.getByRole('button', { name: 'Save' }).click();
        await saved(ben);
        await row(ben, 'Greeting').getByText('/hi, all queues').waitFor();
    });

    it('makes one with choices', async () => {
        await make(ben, 'New for all', {
            title: 'Solved?', shortcut: 'solved', text: 'Is that solved?',
            choices: 'Yes\nNot yet',
        });
        await saved(ben);
        await ben.locator('.template-example').getByText('Not yet').waitFor();
    });

    it('refuses a shortcut that is taken, beside it', async () => {
        await ben.getByLabel(/^Shortcut/).fill('hi');
        await ben.getByRole('button', { name: 'Save' }).click();
        await ben.locator('.templates-heading .fault')
            .getByText('another template has this shortcut').waitFor();
    });

    it('leaves nothing that is unsaved without a question', async () => {
        await ben.keyboard.press('Escape');
        await ben.getByText('is not saved').waitFor();
        await ben.getByRole('button', { name: 'Discard it' }).click();
        await ben.locator('.templates-page').waitFor({ state: 'detached' });
    });

    it('has no serious fault of access', async () => {
        await manage(ben);
        await row(ben, 'Greeting').getByRole('button').click();
        await form(ben).waitFor();
        await ben.evaluate(await readFile(AXE, 'utf8'));

        const found = await ben.evaluate(() => globalThis.axe.run(
            '.templates-page', { resultTypes: ['violations'] }));

        assert.deepEqual(found.violations.map((one) => [one.id,
            one.nodes.map((node) => node.html)]), []);
    });

    it('is read in pages, and misses nothing that changes meanwhile',
       async () => {
        const put = (id, title) => ben.evaluate(([path, body]) => fetch(path, {
            method: 'PUT', body: JSON.stringify(body),
            headers: { 'Content-Type': 'application/json' },
        }), [`api/v1/templates/${id}`,
             { title, texts: [{ lang: 'en', text: 'x' }] }]);
        const changed = async () => {
            await put('a0', 'Page one, changed');
            await ben.evaluate(() => fetch('api/v1/templates/a1',
                                           { method: 'DELETE' }));
        };
        let seen = false;

        await put('a0', 'Page one');
        await put('a1', 'Page two');
        await put('zz', 'Last page');

        /* one a page, and many more on the last one; changes before that */
        await ana.route(/templates\?since=/, async (route) => {
            const answer = await route.fetch({ url: route.request().url()
                .replace('limit=500', 'limit=1') });
            const json = await answer.json();

            if (!seen && json.next === undefined) {
                seen = true;
                json.items.push(...Array.from({ length: 120 }, (_, at) => ({
                    ...json.items[0], id: `zz${at}`, title: `Zz ${at}`,
                })));
                await changed();
                json.revision += 2;
            }

            await route.fulfill({ json });
        });
        await manage(ana);
        await row(ana, 'Page one, changed').waitFor();
        assert.equal(await row(ana, 'Page two').count(), 0);
        await ana.unroute(/templates\?since=/);
        await close(ana);
    });

    it('shows the shared ones to agents, who edit their own', async () => {
        await manage(ana);
        assert.equal(await ana.getByRole('button', { name: 'New for all' })
            .count(), 0);
        await row(ana, 'Greeting').getByRole('button').click();
        assert.ok(await ana.getByLabel('Title').isDisabled());

        await make(ana, 'New of my own', {
            title: 'Signature', shortcut: 'sig', text: 'Yours, {{agent.name}}',
        });
        await saved(ana);
        assert.equal(await row(ben, 'Signature').count(), 0,
                     'nobody else has it');
        await close(ana);
    });
});

describe('in the text box', () => {
    it('fills in what a shortcut finds, and sends nothing', async () => {
        await box().focus();
        await ana.keyboard.press('/');
        await ana.locator('.picker').waitFor();
        await ana.keyboard.type('hi');
        await ana.locator('.picker-preview').getByText('<b>Bob</b>').waitFor();
        await ana.keyboard.press('Enter');
        await ana.locator('.picker').waitFor({ state: 'detached' });
        assert.equal(await box().inputValue(),
                     'Good day <b>Bob</b>,\nthis is Ana Lima.');
        assert.equal(await ana.evaluate(() => document.activeElement
            ?.closest('.composer textarea') !== null), true, 'ready to edit');
        assert.equal(await ana.locator('.balloon-row.own').count(), 0);
        assert.deepEqual(await bob.frames('message'), []);
    });

    it('is taken back by the browser\'s own undo', async () => {
        await ana.keyboard.press('Control+z');
        assert.equal(await box().inputValue(), '');
    });

    it('offers choices of a template, once they are sent', async () => {
        await ana.keyboard.press('/');
        await ana.keyboard.type('solv');
        await ana.locator('.picker-preview').getByText('1. Yes').waitFor();
        await ana.keyboard.press('Enter');
        await eventually(async () => assert.equal(
            await box().inputValue(), 'Is that solved?'));
        await ana.getByRole('textbox', { name: 'Option 2' }).waitFor();
        assert.deepEqual(await bob.frames('message'), []);

        await box().focus();
        await ana.keyboard.press('Enter');
        await eventually(async () => assert.deepEqual(
            (await bob.frames('message')).map((one) =>
                [one.text, one.choices]),
            [['Is that solved?', ['Yes', 'Not yet']]]));
    });

    it('opens by its button, draws as many as one can reach', async () => {
        const options = ana.locator('#picker-list [role="option"]');

        await ana.getByRole('button', { name: 'Templates', exact: true })
            .click();
        await ana.locator('.picker').waitFor();
        assert.equal(await options.count(), 100);
        await ana.locator('#picker-list').getByText(
            /^\d+ more, type to find them$/).waitFor();
        await ana.keyboard.press('ArrowUp');
        await eventually(async () => assert.equal(
            await options.last().getAttribute('aria-selected'), 'true'));
        await ana.keyboard.type('Zz 119');
        await options.getByText('Zz 119').waitFor();
        assert.equal(await options.count(), 1);
    });

    it('gives way to Escape', async () => {
        await ana.keyboard.press('Escape');
        await ana.locator('.picker').waitFor({ state: 'detached' });
        assert.equal(await box().inputValue(), '');
    });
});

describe('in step', () => {
    it('on the desks that look at the list, at once', async () => {
        await box().focus();
        await ana.keyboard.press('/');
        await ana.locator('.picker li').getByText('Greeting').waitFor();
        await form(ben).getByLabel('Title').fill('Welcome');
        await ben.getByRole('button', { name: 'Save' }).click();
        await saved(ben);
        await ana.locator('.picker li').getByText('Welcome').waitFor({
            timeout: 2_000 });
        assert.equal(await ana.locator('.picker li').getByText('Greeting')
            .count(), 0);
    });

    it('when one is removed, and put back', async () => {
        await ben.getByRole('button', { name: 'Remove' }).click();
        await ana.locator('.picker li').getByText('Welcome').waitFor({
            state: 'detached', timeout: 2_000 });
        await ben.getByRole('button', { name: 'Put it back' }).click();
        await ana.locator('.picker li').getByText('Welcome').waitFor();
    });

    it('does not overwrite what another has changed', async () => {
        const status = await ben.evaluate(async () => {
            const { items } = await (await fetch('api/v1/templates')).json();
            const path = `api/v1/templates/${
                items.find((one) => one.title === 'Welcome').id}`;
            const { title, queues, texts } = await (await fetch(path)).json();

            return (await fetch(path, {
                method: 'PUT', body: JSON.stringify(
                    { title: `${title} back`, queues, texts }),
                headers: { 'Content-Type': 'application/json' },
            })).status;
        });

        assert.equal(status, 200);
        await form(ben).getByLabel('Title').fill('Mine');
        await ben.getByRole('button', { name: 'Save' }).click();
        await ben.getByText('has changed this template meanwhile').waitFor();
        await ben.getByRole('button', { name: 'Show theirs' }).click();
        await eventually(async () => assert.equal(
            await form(ben).getByLabel('Title').inputValue(),
            'Welcome back'));
    });
});
