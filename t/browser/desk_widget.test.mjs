/*
 * A visitor with the real widget on the demo site and an agent at the desk,
 * each in a browser of their own, from the first word to the end.
 */

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { Office, eventually } from './desk_support.mjs';

let office;

before(async () => {
    office = await Office.open({ more: {
        flows: [{ id: 'orders', name: 'Orders', channel: 'messaging' }],
    } });
});

after(() => office.close());

/* proves: V4 V5 V11 I2 I4 I17 E1 */
it('visitor and agent talk, from the offer to the end', async () => {
    const ana = await office.agent('ana');
    const bob = await office.page();

    await bob.goto(`${office.url}/`);
    await bob.evaluate(() => ChatDesk('update', { flow: 'orders' }));
    await bob.getByRole('button', { name: 'Open chat' }).click();
    await bob.getByLabel('Name').fill('Bob Reis');

    const box = bob.getByRole('textbox', { name: 'Message' });

    await box.fill('Is this plant in stock?');
    await box.press('Enter');

    await ana.locator('.offer').getByText('Bob Reis').waitFor();
    await ana.keyboard.press('Alt+a');
    await ana.locator('.balloon')
        .getByText('Is this plant in stock?').waitFor();
    await ana.locator('.presence-word', { hasText: 'Connected' }).waitFor();

    /* the page's flow makes it one of those that come and go */
    await ana.locator('.rail').getByRole('button', { name: /^Ongoing/ })
        .click();
    await ana.locator('.message-card', { hasText: 'Bob Reis' }).waitFor();

    const reply = ana.locator('.composer textarea');

    await reply.pressSequentially('Yes, twelve');
    await bob.getByText('Ana Lima is typing').waitFor();
    await reply.press('Enter');
    await bob.getByText('Yes, twelve').waitFor();
    await ana.locator('.balloon-row.own').getByText('Read').waitFor();

    await box.pressSequentially('Good');
    await ana.getByText('Bob Reis is typing').waitFor();
    await box.press('Enter');
    await ana.locator('.balloon').getByText('Good').waitFor();

    await ana.locator('.tab-close').click();
    await ana.locator('.confirm-end').click();
    await bob.getByText('Ana Lima ended the chat').first().waitFor();
    await eventually(async () => assert.equal(
        await ana.locator('.tab').count(), 0));
});
