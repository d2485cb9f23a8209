/*
 * Choices: composed at the desk, picked in the widget, settled for everybody.
 *
 * proves: V7 P3
 */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';

import { Office, eventually } from './desk_support.mjs';
import { visit } from './widget_support.mjs';

const AXE = createRequire(new URL('../../ui/package.json', import.meta.url))
    .resolve('axe-core/axe.min.js');

const PAGE = '<!doctype html><html lang=ar dir=rtl>'
    + '<title>A site</title><main><h1>A site</h1></main>'
    + '<script async src=/chatdesk/widget.js data-desk=demo></script>';
const ARABIC = `
    location = /arabic {
        default_type text/html;
        return 200 '${PAGE}';
    }`;

let office;
let ana;

before(async () => {
    office = await Office.open({ capacity: 50, stack: [`server=${ARABIC}`] });
    ana = await office.agent('ana');
});

after(() => office.close());


/* A visitor with the real widget, in a chat that ana has taken. */

async function talk(options) {
    const site = await visit(office, options);

    await site.open();
    await site.page.locator('chat-desk textarea').fill('Hello');
    await site.page.keyboard.press('Enter');
    await ana.locator('.button.accept').first().waitFor();
    await ana.keyboard.press('Alt+a');
    await ana.locator(`.tab[data-conv="${await site.conv()}"].current`)
        .waitFor();
    await ana.locator('.composer textarea').waitFor();

    return site;
}


/* Offers choices by keyboard alone. */

async function offer(text, ...options) {
    await ana.locator('.composer textarea').fill(text);
    await ana.getByRole('button', { name: 'Offer choices' }).focus();
    await ana.keyboard.press('Enter');
    await eventually(async () => assert.equal(
        await ana.evaluate(() => document.activeElement?.ariaLabel),
        'Option 1'));

    for (const option of options) {
        await ana.keyboard.insertText(option);

        if (option !== options.at(-1)) {
            await ana.keyboard.press('Enter');
            await eventually(async () => assert.equal(
                await ana.evaluate(() => document.activeElement?.value), ''));
        }
    }

    await ana.locator('.composer textarea').focus();
    await ana.keyboard.press('Enter');
}

const menu = (site) => site.page.getByRole('group',
    { name: 'Choose an answer' }).last();
/* A click whether or not the button says that it is disabled. */
const press = (button) => button.dispatchEvent('click');
const shown = () => ana.locator('.menu-shown').last();


describe('a menu', () => {
    it('is picked from by a click, and both sides see it', async () => {
        const site = await talk();

        await offer('When may we call?', 'Today', 'Tomorrow', 'Never');
        await menu(site).getByRole('button').nth(2).waitFor();
        assert.deepEqual(await menu(site).getByRole('button')
            .allTextContents(), ['Today', 'Tomorrow', 'Never']);
        await shown().getByText('Never').waitFor();
        assert.equal(await shown().getAttribute('data-settled'), 'false');

        await menu(site).getByRole('button', { name: 'Tomorrow' }).click();
        await site.shows('Hello', 'When may we call?', 'Tomorrow');
        await menu(site).locator('[aria-pressed="true"]').waitFor();
        assert.deepEqual(await menu(site).getByRole('button')
            .evaluateAll((all) => all.map((one) =>
                [one.ariaPressed, one.ariaDisabled])),
            [['false', 'true'], ['true', 'true'], ['false', 'true']]);

        await ana.locator('.menu-shown[data-settled="true"] .picked')
            .getByText('Tomorrow').waitFor();
        await ana.locator('.balloon', { hasText: 'Picked: Tomorrow' })
            .waitFor();

        /* a click on what is settled does nothing */
        await press(menu(site).getByRole('button', { name: 'Today' }));
        await site.write('that is all');
        await site.shows('Hello', 'When may we call?', 'Tomorrow',
                         'that is all');
    });

    it('works by keyboard and keeps the focus', async () => {
        const site = await talk();

        await offer('Which size?', 'S', 'M');
        await menu(site).getByRole('button').nth(1).focus();
        await site.page.keyboard.press('Enter');
        await menu(site).locator('[aria-pressed="true"]').waitFor();
        await eventually(async () => assert.equal(await site.page.evaluate(
            () => document.activeElement.shadowRoot.activeElement
                .getAttribute('aria-pressed')), 'true'));
        await site.shows('Hello', 'Which size?', 'M');
    });

    it('is settled once, also between two tabs and over a reload',
       async () => {
        const site = await talk();
        const tab = await visit(office, { beside: site.page });

        await tab.open();
        await offer('One of us', 'left', 'right');
        await menu(site).getByRole('button').nth(1).waitFor();
        await menu(tab).getByRole('button').nth(1).waitFor();
        await Promise.all([
            press(menu(site).getByRole('button', { name: 'left' })),
            press(menu(tab).getByRole('button', { name: 'right' })),
        ]);
        await ana.locator('.menu-shown[data-settled="true"]').last()
            .waitFor();
        await eventually(async () => assert.equal(
            (await site.texts()).length, 3));
        await eventually(async () => assert.deepEqual(
            await site.texts(), await tab.texts()));

        await site.page.reload();
        await site.page.locator('chat-desk #panel').waitFor();
        await menu(site).locator('[aria-pressed="true"]').waitFor();
        assert.deepEqual(await site.texts(), await tab.texts());
    });

    it('cannot be picked from when the chat has ended', async () => {
        const site = await talk();

        await offer('Too late?', 'yes', 'no');
        await menu(site).getByRole('button').nth(1).waitFor();
        await ana.locator('.end-chat').click();
        await ana.locator('.confirm-end').click();
        await site.page.getByText('Ana Lima ended the chat').waitFor();
        assert.deepEqual(await menu(site).getByRole('button')
            .evaluateAll((all) => all.map((one) => one.ariaDisabled)),
            ['true', 'true']);
        await press(menu(site).getByRole('button', { name: 'yes' }));
        await site.shows('Hello', 'Too late?');
    });

    it('takes hostile options as the text that they are', async () => {
        const site = await talk();
        const hostile = ['<img src=x onerror="globalThis.hit=1">',
                         '\u202egnp.exe', 'a'.repeat(80)];

        await offer('{{client.name}}', ...hostile);
        await menu(site).getByRole('button').nth(2).waitFor();
        assert.deepEqual(await menu(site).getByRole('button')
            .allTextContents(),
            [hostile[0], 'gnp.exe', hostile[2]]);
        assert.equal(await site.page.evaluate(() => globalThis.hit),
                     undefined);
        assert.equal(await ana.evaluate(() => globalThis.hit), undefined);
    });
});


describe('the editor', () => {
    it('adds, moves and removes options by keyboard', async () => {
        await talk();
        await ana.getByRole('button', { name: 'Offer choices' }).click();

        const values = () => ana.locator('.choices-editor input')
            .evaluateAll((all) => all.map((one) => one.value));

        for (const option of ['b', 'a', 'c']) {
            await ana.keyboard.insertText(option);
            await ana.keyboard.press('Enter');
            await eventually(async () => assert.equal(
                await ana.evaluate(() => document.activeElement?.value), ''));
        }

        assert.deepEqual(await values(), ['b', 'a', 'c', '']);
        await ana.keyboard.press('Backspace');
        await eventually(async () => assert.deepEqual(await values(),
                                                      ['b', 'a', 'c']));
        await ana.getByLabel('Option 2', { exact: true }).focus();
        await ana.keyboard.press('Alt+ArrowUp');
        await eventually(async () => assert.deepEqual(await values(),
                                                      ['a', 'b', 'c']));

        await ana.getByLabel('Option 3', { exact: true }).fill('a');
        await ana.locator('.choices-editor').getByText('The same as option 1')
            .waitFor();
        await ana.locator('.composer textarea').fill('Which?');
        assert.ok(await ana.getByRole('button', { name: 'Send', exact: true })
            .isDisabled(), 'what the desk would refuse is not sent');
        await ana.locator('.composer-foot')
            .getByText('Option 3: the same as option 1').waitFor();
        await ana.getByLabel('Option 3', { exact: true }).fill('d');
        assert.ok(await ana.getByRole('button', { name: 'Send', exact: true })
            .isEnabled());
        await ana.getByRole('button', { name: 'Send without choices' })
            .click();
        assert.equal(await ana.locator('.choices-editor').count(), 0);
    });

    it('keeps what was written over a reload', async () => {
        await talk();
        await ana.locator('.composer textarea').fill('And now?');
        await ana.getByRole('button', { name: 'Offer choices' }).click();
        await ana.getByLabel('Option 1', { exact: true }).fill('go');
        await ana.reload();
        await eventually(async () => assert.equal(
            await ana.getByLabel('Option 1', { exact: true }).inputValue(),
            'go'));
        await ana.getByRole('button', { name: 'Send without choices' })
            .click();
        await ana.locator('.composer textarea').fill('');
    });
});


describe('small, from right to left, in forced colours', () => {
    it('stays whole in 320 pixels and says what it is', async () => {
        const site = await talk({
            path: '/arabic', viewport: { width: 320, height: 568 },
            forcedColors: 'active',
        });
        const group = site.page.getByRole('group', { name: 'اختر إجابة' });

        await offer('أي واحد؟', 'اليوم', 'a'.repeat(80));
        await group.getByRole('button').nth(1).waitFor();

        const wide = await site.page.locator('chat-desk #panel .scroll')
            .evaluate((box) => box.scrollWidth - box.clientWidth);

        assert.ok(wide <= 0, 'nothing sticks out');
        await site.page.addScriptTag({ path: AXE });

        const { violations } = await site.page.evaluate(() =>
            globalThis.axe.run('chat-desk',
                               { runOnly: ['wcag2a', 'wcag2aa'] }));

        assert.deepEqual(violations.map((one) => one.id), []);
        await group.getByRole('button').first().click();
        await group.locator('[aria-pressed="true"]').waitFor();
    });
});
