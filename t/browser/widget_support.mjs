/*
 * What tests of the visitor's widget need: the demo site with the widget, and
 * an agent who speaks the documented protocol.
 *
 * Purpose:    tests say what a visitor does and sees.
 * Owner:      pages belong to the Office that made them.
 * Invariants: every wait is a poll with an end; nothing sleeps.
 */

import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';

import { eventually } from './desk_support.mjs';

const WAIT_MS = 15_000;


/* A visitor on the site, with the widget closed. */

export async function visit(office, { path = '/', prepare, ...options } = {}) {
    const page = await office.page(options);
    const site = new Site(page, office.url);

    await prepare?.(page);
    await page.goto(office.url + path);
    await site.launcher.waitFor();

    return site;
}


export class Site {
    constructor(page, url) {
        this.page = page;
        this.url = url;
        this.launcher = page.locator('chat-desk #launcher');
        this.panel = page.locator('chat-desk #panel');
        this.box = page.getByRole('textbox', { name: 'Message' });
        this.log = page.getByRole('log');
        this.own = page.locator('.line.own');
    }

    async open() {
        await this.launcher.click();
        await this.panel.waitFor();
        await this.panel.evaluate((panel) => Promise.all(
            panel.getAnimations().map((animation) => animation.finished)));
    }

    async write(text) {
        await this.box.fill(text);
        await this.box.press('Enter');
    }

    /* Opens the panel and a conversation. */
    async begin(text) {
        await this.open();
        await this.write(text);
        await this.page.getByText('You are in the queue').waitFor();
    }

    /* Id of the conversation, as the widget keeps it. */
    conv() {
        return eventually(async () => {
            const conv = await this.page.evaluate(() =>
                JSON.parse(localStorage.getItem('chatdesk:demo:conv')));

            assert.ok(conv, 'a conversation was opened');

            return conv;
        });
    }

    button(name) {
        return this.page.getByRole('button', { name, exact: true });
    }

    /* What has the focus: inside the widget, or on the page. */
    focused() {
        return this.page.evaluate(() => {
            const deep = document.activeElement?.shadowRoot?.activeElement
                ?? document.activeElement;

            return deep?.getAttribute('aria-label') ?? deep?.tagName;
        });
    }

    async texts() {
        const texts = await this.page.locator('.balloon .text')
            .allTextContents();

        return texts.map((text) => text.trim());
    }

    async shows(...texts) {
        await eventually(async () =>
            assert.deepEqual(await this.texts(), texts));
    }

    /* The text under the newest message of the visitor's own. */
    async state(word) {
        await this.own.last().locator('.note')
            .getByText(word, { exact: true }).waitFor();
    }
}


export class Agent {
    static async open(office, login) {
        const agent = new Agent();

        agent.page = await office.page();
        await agent.page.goto(`${office.url}/`);
        await agent.page.evaluate(agentInPage);
        await agent.page.evaluate(
            (given) => globalThis.agent.open(...given),
            [login, office.passwords.get(login)]);

        return agent;
    }

    async #do(name, ...given) {
        const done = this.page.evaluate(
            ([method, list]) => globalThis.agent[method](...list),
            [name, given]);
        const late = new AbortController();

        return Promise.race([
            done.finally(() => late.abort()),
            setTimeout(WAIT_MS, null, { signal: late.signal }).then(
                () => { throw new Error(`the agent's ${name} hangs`); },
                () => done),
        ]);
    }

    /* Takes the chat of this visitor when it is offered; gives its id. */
    async accept(site) { return this.#do('accept', await site.conv()); }

    say(conv, text, more = {}) { return this.#do('say', conv, text, more); }

    send(frame) { return this.#do('send', frame); }

    end(conv) { return this.#do('request', { t: 'end', conv }); }

    messages(conv) { return this.#do('messages', conv); }

    frames(type) { return this.#do('of', type); }

    leave() { return this.page.close(); }

    /* Has `texts` as all messages of a conversation, each once, in order. */
    async has(conv, ...texts) {
        await eventually(async () => assert.deepEqual(
            (await this.messages(conv)).map((one) => one.text), texts));
    }
}


/* Runs in the page: the documented protocol, as small as it gets. */

function agentInPage() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const device = btoa(String.fromCharCode(...bytes))
        .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const frames = [];
    const heard = new Set();
    const counters = new Map();
    let requests = 0;
    let socket;
    let online;

    const until = (fits) => new Promise((resolve) => {
        const listen = (frame) => {
            if (fits(frame)) {
                heard.delete(listen);
                resolve(frame);
            }
        };

        heard.add(listen);
        frames.forEach(listen);
    });
    const post = async (path, body) => {
        const answer = await fetch(`/desk/api/${path}`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify(body ?? {}),
        });

        return answer.json();
    };
    const me = {};

    /* Connects, and again whenever the connection is lost. */
    const connect = async () => {
        const { ticket } = await post('ticket');

        socket = new WebSocket(
            `${location.origin.replace('http', 'ws')}/desk/socket`,
            'chatdesk.v1');
        socket.onopen = () => me.send({ t: 'hello', device, ticket });
        socket.onclose = again;
        online = new Promise((resolve) => {
            socket.onmessage = ({ data }) => {
                const frame = JSON.parse(data);

                if (frame.t === 'welcome') {
                    resolve();
                }

                for (const one of [frame, ...frame.frames ?? []]) {
                    frames.push(one);
                    heard.forEach((listen) => listen(one));
                }
            };
        });
        await online;
        counters.forEach((_, conv) => me.send({ t: 'follow', feed: conv }));
    };
    const again = () => connect().catch(() => setTimeout(again, 50));

    me.send = (frame) => socket.send(JSON.stringify(frame));

    me.request = async (frame) => {
        const id = String(++requests);

        await online;
        me.send({ ...frame, id });

        return until((one) => one.re === id);
    };

    me.open = async (login, password) => {
        await post('login', { login, password });
        await connect();
        await me.request({ t: 'presence', state: 'available' });
    };

    me.accept = async (conv) => {
        await until((frame) => frame.t === 'card' && frame.conv === conv
            && frame.phase === 'offered');
        counters.set(conv, 0);
        await me.request({ t: 'accept', conv });
        await until((frame) => frame.t === 'card' && frame.conv === conv
            && frame.phase === 'active');
        me.send({ t: 'follow', feed: conv });
        await until((frame) => frame.t === 'window' && frame.feed === conv);

        return conv;
    };

    me.say = async (conv, text, more) => {
        const k = counters.get(conv) + 1;

        counters.set(conv, k);
        await online;
        me.send({ t: 'send', conv, k, text, ...more });
        await until((frame) => frame.t === 'ack' && frame.conv === conv
            && frame.k === k);
    };

    me.of = (type) => frames.filter((frame) => frame.t === type);

    me.messages = (conv) => {
        const byNumber = new Map(me.of('message')
            .filter((frame) => frame.conv === conv)
            .map((frame) => [frame.n, frame]));

        return [...byNumber.values()].sort((a, b) => a.n - b.n);
    };

    globalThis.agent = me;
}
