/*
 * What tests of the desktop need: a stack, a browser, agents at their desks,
 * visitors.
 *
 * Purpose:    tests say what people do and see.
 * Owner:      an Office owns its stack, browser and pages; close() ends all
 *             and fails when the stack or a page had something to complain.
 * Invariants: every wait is a poll with an end; nothing sleeps.
 *
 * A visitor here is a page of the site that speaks the documented protocol
 * itself; desk_widget.test.mjs has the real widget.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const WAIT_MS = 15_000;

const { chromium } = createRequire(join(TOP, 'ui', 'package.json'))(
    'playwright-core');

const BROWSER_ARGS = [
    '--headless=new', '--no-sandbox', '--disable-gpu',
    '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
];

/* What the console says when a login is refused or the network is cut, as
   these tests have it. */
const EXPECTED
    = /status of (?:401|429|503)|WebSocket connection to|net::ERR_(?:CONNECTION|EMPTY)/;


/* Polls until `check` throws no more. */

export async function eventually(check, waitMs = WAIT_MS) {
    const end = Date.now() + waitMs;

    for (;;) {
        try {
            return await check();
        } catch (error) {
            if (Date.now() > end) {
                throw error;
            }
        }

        await new Promise((resolve) => setTimeout(resolve, 40));
    }
}


/* The settings of a desk; agents ana and ben; `roles` by login; `more` as in
   desk.json. */

export function desk({
    capacity = 3, acceptSeconds = 20, roles = {}, more = {},
} = {}) {
    const agent = (login, name) => (
        { login, name, role: roles[login] ?? 'agent', profile: 'front' });

    return {
        name: 'Test desk',
        default_queue: 'sales',
        queues: [{
            id: 'sales', name: 'Sales', priority: 5,
            accept_seconds: acceptSeconds,
        }],
        profiles: [{
            id: 'front', name: 'Front office', capacity, queues: ['sales'],
        }],
        agents: [agent('ana', 'Ana Lima'), agent('ben', 'Ben Okoye')],
        ...more,
    };
}


export class Office {
    #child;
    #lines;
    #browser;
    #complaints = [];
    #expected = [EXPECTED];

    static async open(settings = {}) {
        const office = new Office();

        await office.#start(settings);

        return office;
    }

    /* `stack`: further options of t/lib/stack; `expected`: what else the
       console may say; `browser`: more of its arguments, given the stack */
    async #start({
        stack: more = [], expected = [], browser = () => [], ...settings
    }) {
        this.#expected = this.#expected.concat(expected);
        this.#child = spawn(join(TOP, 't', 'lib', 'stack'),
            [`desk=${JSON.stringify(desk(settings))}`, ...more],
            { stdio: ['pipe', 'pipe', 'inherit'] });
        this.#lines = createInterface({ input: this.#child.stdout })[
            Symbol.asyncIterator]();

        const { value, done } = await this.#lines.next();

        assert.ok(!done, 'the stack starts');

        const stack = JSON.parse(value);

        this.url = stack.url;
        this.passwords = new Map(stack.logins
            .map(({ login, password }) => [login, password]));
        this.#browser = await chromium.launch({
            executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
            args: [...BROWSER_ARGS, ...browser(stack)],
        });
    }

    async close() {
        await this.#browser?.close();
        this.#child?.stdin.end();

        if (this.#child?.exitCode === null) {
            await once(this.#child, 'exit');
        }

        assert.deepEqual(this.#complaints, [], 'no page complained');
        assert.equal(this.#child?.exitCode, 0, 'the stack ended well');
    }

    /* A command of t/lib/stack. */
    async command(name) {
        this.#child.stdin.write(`${name}\n`);

        const { value } = await this.#lines.next();

        assert.equal(JSON.parse(value).known, 1, `${name} is known`);
    }

    /* A page with a browser profile of its own, or that of another page. */
    async page({ beside, ...options } = {}) {
        const context = beside?.context()
            ?? await this.#browser.newContext({
                locale: 'en-GB', viewport: { width: 1280, height: 720 },
                ...options,
            });
        const page = await context.newPage();

        page.setDefaultTimeout(WAIT_MS);
        page.on('pageerror', (error) => this.#complaints.push(error.stack));
        page.on('console', (message) => {
            if (message.type() === 'error'
                && !this.#expected.some((one) => one.test(message.text()))
                && !message.location().url.endsWith('/favicon.ico'))
            {
                this.#complaints.push(
                    `${message.text()} ${message.location().url}`);
            }
        });

        return page;
    }

    /* Signs an agent in and gives the page. */
    async agent(login, { state = 'Available', ...options } = {}) {
        const page = await this.page(options);

        await page.goto(`${this.url}/desk/`);
        await signIn(page, login, this.passwords.get(login));
        await page.locator('.load').waitFor();

        if (state) {
            await setPresence(page, state);
        }

        return page;
    }

    async visitor(form = {}) {
        return Visitor.open(await this.page(), this.url, form);
    }
}


export async function signIn(page, login, password) {
    await page.getByLabel('Account name').fill(login);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
}


export async function setPresence(page, word) {
    await page.getByRole('button', { name: /^Presence/ }).click();
    await page.getByRole('menuitemradio', { name: word }).click();
    await page.getByRole('button', { name: `Presence: ${word}` }).waitFor();
}


/* Offers a chat to the only available agent, who accepts it. */

export async function talk(office, page, form = {}) {
    const visitor = await office.visitor(form);

    await page.locator('.button.accept').first().waitFor();
    await page.keyboard.press('Alt+a');
    await page.locator(`.tab[data-conv="${visitor.conv}"].current`).waitFor();
    await page.locator('.composer textarea').waitFor();

    return visitor;
}


export class Visitor {
    static async open(page, url, { name, first, ...form }) {
        const visitor = new Visitor();

        visitor.page = page;
        visitor.name = name;
        await page.goto(`${url}/`);
        await page.evaluate(visitorInPage);
        visitor.conv = await page.evaluate(
            (fields) => globalThis.visitor.start(fields), { name, ...form });

        if (first) {
            await visitor.say(first);
        }

        return visitor;
    }

    say(text) {
        return this.page.evaluate((one) => globalThis.visitor.say(one), text);
    }

    send(frame) {
        return this.page.evaluate((one) => globalThis.visitor.send(one),
                                  { conv: this.conv, ...frame });
    }

    end() {
        return this.send({ t: 'end', id: 'end' });
    }

    /* The browser goes away without a word. */
    leave() {
        return this.page.close();
    }

    /* Says that everything has arrived and, if `read`, was read. */
    async mark(read) {
        const head = (await this.frames('message'))
            .reduce((most, frame) => Math.max(most, frame.n), 0);

        await this.send({ t: 'mark', got: head, read: read ? head : 0 });
    }

    frames(type) {
        return this.page.evaluate(
            (t) => globalThis.visitor.frames.filter((one) => one.t === t),
            type);
    }
}


/* Runs in the page: the documented protocol, as small as it gets. */

function visitorInPage() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const device = btoa(String.fromCharCode(...bytes))
        .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const socket = new WebSocket(
        `${location.origin.replace('http', 'ws')}/chatdesk/socket`,
        'chatdesk.v1');
    const heard = new Set();
    const me = { frames: [], conv: '', k: 0 };

    const until = (fits) => new Promise((resolve) => {
        const listen = (frame) => {
            if (fits(frame)) {
                heard.delete(listen);
                resolve(frame);
            }
        };

        heard.add(listen);
    });
    const welcome = until((frame) => frame.t === 'welcome');

    socket.onopen = () => me.send({ t: 'hello', device });
    socket.onmessage = ({ data }) => {
        const frame = JSON.parse(data);

        /* a window's frames count like live ones */
        me.frames.push(frame, ...frame.frames ?? []);
        heard.forEach((listen) => listen(frame));
    };

    me.send = (frame) => socket.send(JSON.stringify(frame));

    me.start = async (form) => {
        await welcome;

        const answer = until((frame) => frame.re === 'start');

        me.send({ t: 'start', id: 'start', ...form });
        me.conv = (await answer).conv;

        return me.conv;
    };

    me.say = async (text) => {
        const k = ++me.k;
        const answer = until((frame) => frame.k === k && frame.t === 'ack');

        me.send({ t: 'send', conv: me.conv, k, text });
        await answer;
    };

    globalThis.visitor = me;
}
