/*
 * Long-poll over HTTP/3, for builds of nginx that have it: `make compat` runs
 * this, as the distribution's own nginx has none.
 *
 * nginx refuses the sockets, so that both sides fall back, and the browser is
 * told to speak QUIC with this server and nothing else.
 */

import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, it } from 'node:test';

import { Office, eventually } from '../browser/desk_support.mjs';
import { visit } from '../browser/widget_support.mjs';

const TRUSTING = { ignoreHTTPSErrors: true };

let office;


async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');

    await once(server, 'listening');

    const { port } = server.address();

    server.close();
    await once(server, 'close');

    return port;
}


/* QUIC takes no certificate of one's own unless its key is named. */

function quicWith({ dir, port }) {
    const key = new X509Certificate(readFileSync(`${dir}/tls.pem`)).publicKey
        .export({ type: 'spki', format: 'der' });
    const hash = createHash('sha256').update(key).digest('base64');

    return [
        `--origin-to-force-quic-on=127.0.0.1:${port}`,
        `--ignore-certificate-errors-spki-list=${hash}`,
    ];
}


before(async () => {
    const port = await freePort();

    office = await Office.open({
        capacity: 50, browser: quicWith,
        stack: [
            `port=${port}`, 'tls=1', 'visitor=return 403;',
            'agent=return 403;', `server=listen 127.0.0.1:${port} quic;`,
        ],
    });
});

after(() => office?.close());


/* Counts the answers to long-polls by protocol, of pages beside this one. */

function watch(page) {
    const seen = {};

    page.context().on('page', async (other) => {
        const tools = await other.context().newCDPSession(other);

        tools.on('Network.responseReceived', ({ response }) => {
            if (new URL(response.url).pathname.endsWith('/poll')) {
                seen[response.protocol] = (seen[response.protocol] ?? 0) + 1;
            }
        });
        await tools.send('Network.enable');
    });

    return seen;
}


/* proves: V22 */
it('visitor and agent talk over HTTP/3', async () => {
    const hers = await office.page(TRUSTING);
    const agentSaw = watch(hers);
    const page = await office.agent('ana', { beside: hers });
    const mine = await office.page(TRUSTING);
    const visitorSaw = watch(mine);
    const site = await visit(office, { beside: mine });

    await site.begin('Over QUIC, please');
    await page.locator('.button.accept').first().click();
    await page.locator('.composer textarea').fill('Here you are');
    await page.locator('.composer textarea').press('Enter');
    await site.shows('Over QUIC, please', 'Here you are');
    await site.write('Thank you');
    await eventually(async () => assert.deepEqual(
        (await page.locator('.balloon').allTextContents())
            .map((text) => text.trim()),
        ['Over QUIC, please', 'Here you are', 'Thank you']));

    for (const seen of [agentSaw, visitorSaw]) {
        assert.deepEqual(Object.keys(seen), ['h3']);
        assert.ok(seen.h3 > 1);
    }
});
