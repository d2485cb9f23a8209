/*
 * Everybody's widget: keyboard, screen readers, phones, narrow windows,
 * right-to-left, and pages that forbid nearly everything.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';

import { Office, eventually } from './desk_support.mjs';
import { Agent, visit } from './widget_support.mjs';

const AXE = createRequire(import.meta.url).resolve(
    '../../ui/node_modules/axe-core/axe.min.js');

let office;
let ana;

const POLICY = [
    "default-src 'none'", "script-src 'self'", "connect-src 'self'",
    "style-src 'self'", "img-src 'self'", "base-uri 'none'",
    "require-trusted-types-for 'script'", "trusted-types 'none'",
].join('; ');

/* Pages of other websites: in any language, and one that forbids much. */
const page = (attributes) => `<!doctype html><html ${attributes}>`
    + '<meta charset=utf-8><meta name=viewport content=width=device-width>'
    + '<title>A site</title><main><h1>A site</h1></main>'
    + '<script async src=/chatdesk/widget.js data-desk=demo></script>';
const PAGES = `
    location ~ ^/site/(?<lang>[a-z]+)/(?<dir>[a-z]+)$ {
        default_type text/html;
        return 200 '${page('lang=$lang dir=$dir')}';
    }
    location = /strict {
        default_type text/html;
        add_header Content-Security-Policy "${POLICY}";
        return 200 '${page('lang=en')}';
    }`;

before(async () => {
    office = await Office.open({
        capacity: 50, stack: [`server=${PAGES}`],
    });
    ana = await Agent.open(office, 'ana');
});

after(() => office.close());


/* What axe finds wrong with the widget. */

async function complaints(site) {
    await site.page.evaluate(await readFile(AXE, 'utf8'));

    const { violations } = await site.page.evaluate(() => globalThis.axe.run(
        'chat-desk',
        { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa',
                    'best-practice'] }));

    return violations.map((one) => [one.id,
        ...one.nodes.map((node) => node.html)]);
}


describe('the keyboard', () => {
    /* proves: V19 */
    it('is enough', async () => {
        const site = await visit(office);
        const { keyboard } = site.page;

        await site.launcher.focus();
        assert.equal(await site.launcher.getAttribute('aria-expanded'),
                     'false');
        await keyboard.press('Enter');
        await site.panel.waitFor();
        assert.equal(await site.launcher.getAttribute('aria-expanded'),
                     'true');
        assert.equal(await site.focused(), 'Message');
        await keyboard.type('by hand');
        await keyboard.press('Enter');

        const conv = await ana.accept(site);

        await ana.has(conv, 'by hand');
        await keyboard.press('Escape');
        await site.panel.waitFor({ state: 'hidden' });
        assert.equal(await site.focused(), 'Open chat');

        await keyboard.press('Enter');
        await site.panel.waitFor();
        await site.button('End chat').focus();
        await keyboard.press('Enter');
        await site.page.getByRole('alertdialog').waitFor();
        await eventually(async () =>
            assert.equal(await site.focused(), 'BUTTON'));
        await keyboard.press('Escape');
        await site.page.getByRole('alertdialog')
            .waitFor({ state: 'detached' });
        assert.equal(await site.focused(), 'Message');
        assert.equal(await site.panel.isVisible(), true);
    });

    /* proves: V19 */
    it('stays in the panel while it fills a phone', async () => {
        const site = await visit(office, {
            viewport: { width: 390, height: 844 }, hasTouch: true,
            isMobile: true,
        });

        await site.open();
        assert.deepEqual(await site.panel.boundingBox(),
                         { x: 0, y: 0, width: 390, height: 844 });
        assert.equal(await site.panel.getAttribute('role'), 'dialog');
        assert.equal(await site.panel.getAttribute('aria-modal'), 'true');
        assert.equal(await site.focused(), 'Close chat');

        const seen = new Set();

        for (let i = 0; i < 12; i++) {
            await site.page.keyboard.press('Tab');
            assert.equal(await site.page.evaluate(
                () => document.activeElement?.localName), 'chat-desk');
            seen.add(await site.focused());
        }

        assert.ok(seen.has('Message') && seen.has('Close chat'));
        await site.button('Close chat').click();
        await site.panel.waitFor({ state: 'hidden' });
        assert.equal(await site.focused(), 'Open chat');
    });
});


describe('the screen', () => {
    /* proves: V19 */
    for (const colorScheme of ['light', 'dark']) {
        it(`has nothing that axe complains of, ${colorScheme}`, async () => {
            const site = await visit(office, { colorScheme });

            assert.deepEqual(await complaints(site), []);
            await site.open();
            assert.deepEqual(await complaints(site), []);
            await site.write('Hello');
            await site.page.getByText('You are in the queue').waitFor();
            assert.deepEqual(await complaints(site), []);

            const conv = await ana.accept(site);

            await ana.say(conv, 'see https://shop.example/x');
            await site.shows('Hello', 'see https://shop.example/x');
            await site.button('End chat').click();
            assert.deepEqual(await complaints(site), []);
            await ana.end(conv);
            await site.button('Start a new chat').waitFor();
            assert.deepEqual(await complaints(site), []);
        });
    }

    /* proves: V19 */
    it('is a polite log to which only new messages are added', async () => {
        const site = await visit(office);

        await site.begin('one');

        const conv = await ana.accept(site);

        await site.page.getByText('Ana Lima joined the chat').waitFor();
        assert.equal(await site.log.getAttribute('aria-live'), 'polite');
        await site.log.evaluate((log) => {
            globalThis.added = [];
            new MutationObserver((changes) => {
                for (const change of changes) {
                    globalThis.added.push(...[...change.addedNodes]
                        .filter((node) => node.nodeType === 1)
                        .map((node) => node.querySelector('.text')
                            ?.textContent.trim()));
                }
            }).observe(log, { childList: true });
        });
        await site.write('two');
        await ana.has(conv, 'one', 'two');
        await ana.say(conv, 'three');
        await site.shows('one', 'two', 'three');

        const got = (await ana.messages(conv)).at(-1).v;

        await ana.send({ t: 'mark', conv, got, read: got });
        await site.state('Read');
        assert.deepEqual(await site.page.evaluate(() => globalThis.added),
                         ['two', 'three']);
    });

    /* proves: V19 */
    it('fits into 320 pixels', async () => {
        const site = await visit(office, {
            viewport: { width: 320, height: 568 },
        });

        await site.begin('Donaudampfschifffahrtsgesellschaftskapit\u00e4n '
                         + 'x'.repeat(200));

        const wide = await site.panel.evaluate((panel) =>
            [...panel.querySelectorAll('*')].filter((one) => {
                const box = one.getBoundingClientRect();

                return box.width > 1 && (box.right > 320.5 || box.left < -.5);
            }).map((one) => one.className));

        assert.deepEqual(wide, []);

        for (const button of await site.panel.locator('button').all()) {
            const box = await button.boundingBox();

            assert.ok(box === null || box.width >= 24 && box.height >= 24);
        }
    });

    /* proves: V19 */
    it('is turned around for Arabic', async () => {
        const site = await visit(office, { path: '/site/ar/rtl' });

        await site.open();
        assert.equal(await site.panel.getAttribute('dir'), 'rtl');
        assert.equal(await site.panel.getAttribute('lang'), 'ar');
        await site.page.locator('textarea').fill('\u0645\u0631\u062d\u0628\u0627');
        await site.page.locator('textarea').press('Enter');

        const conv = await ana.accept(site);

        await ana.say(conv, 'ok');
        await site.page.locator('.other .balloon').waitFor();

        const own = await site.page.locator('.own .balloon').boundingBox();
        const other = await site.page.locator('.other .balloon')
            .boundingBox();
        const launcher = await site.launcher.boundingBox();

        assert.ok(own.x < other.x, 'own messages stand at the left');
        assert.ok(launcher.x < 100, 'and so does the launcher');
    });

    /* proves: V19 */
    it('speaks the language of the page', async () => {
        const words = {
            pt: 'Como podemos ajudar?', es: '¿Cómo podemos ayudarte?',
            fr: 'Comment pouvons-nous vous aider ?',
            de: 'Wie können wir helfen?',
        };

        for (const [lang, welcome] of Object.entries(words)) {
            const site = await visit(office, { path: `/site/${lang}/ltr` });

            await site.launcher.click();
            await site.page.getByText(welcome).waitFor();
            assert.notEqual(await site.launcher.getAttribute('aria-label'),
                            'Close chat');
        }
    });

    /* proves: V19 */
    it('stands still where motion is not wanted', async () => {
        const site = await visit(office, { reducedMotion: 'reduce' });

        await site.begin('Hello');

        const conv = await ana.accept(site);

        await ana.send({ t: 'typing', conv, on: true });
        await site.page.getByText('Ana Lima is typing').waitFor();
        assert.equal(await site.panel.evaluate((panel) =>
            panel.getAnimations({ subtree: true }).length), 0);
    });
});


describe('a strict page', () => {
    /* proves: V21 */
    it('with CSP and Trusted Types carries a whole chat', async () => {
        const site = await visit(office, {
            path: '/strict',
            prepare: (one) => one.addInitScript(() => {
                globalThis.violations = [];
                addEventListener('securitypolicyviolation', (event) =>
                    globalThis.violations.push(event.violatedDirective));
            }),
        });

        await site.begin('strict');

        const conv = await ana.accept(site);

        await ana.say(conv, 'see https://shop.example/x');
        await site.shows('strict', 'see https://shop.example/x');
        assert.deepEqual(
            await site.page.evaluate(() => globalThis.violations), []);
        assert.deepEqual(await site.page.context().cookies(), []);
    });

    /* proves: V20 V12 */
    it('without Web Locks has a connection for each tab', async () => {
        const prepare = (one) => one.addInitScript(() => {
            delete globalThis.BroadcastChannel;
        });
        const site = await visit(office, { prepare });
        const other = await visit(office, { prepare, beside: site.page });

        await site.begin('from one');

        const conv = await ana.accept(site);

        await other.open();
        await other.shows('from one');
        await other.write('from two');
        await site.shows('from one', 'from two');
        await site.write('one again');
        await other.shows('from one', 'from two', 'one again');
        await ana.has(conv, 'from one', 'from two', 'one again');
        await other.page.reload();
        await other.shows('from one', 'from two', 'one again');
    });
});
