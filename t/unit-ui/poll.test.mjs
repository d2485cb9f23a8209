/*
 * Long-poll: what is asked, when, and what happens to what fails.
 *
 * proves: V22
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import {
    FakeFetch, FakeSocket, WELCOME, installBrowser, installClock, load,
    settle,
} from './support.mjs';

const { FeedCursors, Poll } = await load('shared/transport_poll',
                                         'shared/cursors');

const AGENT = { ...WELCOME, role: 'agent' };

beforeEach(() => { installBrowser(); });


/* A poll beside which no socket is answered, what it told, and what lets
   time pass. */

async function make(context, hello = () => ({ device: 'd' })) {
    const pass = installClock(context);
    const told = { frames: [], lost: [], alive: 0 };
    const poll = new Poll({ poll: '/desk/poll', hello }, {
        hear: (frame) => told.frames.push(frame),
        alive: () => { told.alive++; },
        lost: (code) => told.lost.push(code),
    }, () => ({ send() {}, close() {} }), () => {});

    await settle();

    return { poll, told, pass };
}

/* The same, after its first answer. */

async function begin(context, frames = [AGENT], hello) {
    const made = await make(context, hello);

    await FakeFetch.last.answer(...frames);
    await made.pass(1);
    assert.equal(FakeFetch.held.length, 2);

    return made;
}


test('asks again at once, with the session that it was given',
     async (context) => {
    const { poll, told, pass } = await begin(context);

    assert.deepEqual(told.frames, [AGENT]);
    assert.equal(FakeFetch.last.body.session, 's');
    await pass(20_000);
    assert.equal(FakeFetch.all.length, 2, 'one request waits');
    await FakeFetch.last.answer();
    await pass(1);
    assert.equal(FakeFetch.all.length, 3);
    assert.equal(told.alive, 2, 'an empty answer is a sign of life');
    poll.close();
});


test('a visitor says each time where it stands', async (context) => {
    const stand = { device: 'd', token: 'one', n: 1 };
    const { poll, pass } = await begin(context, [WELCOME],
                                       () => ({ ...stand }));

    stand.token = 'two';
    stand.n = 7;
    await FakeFetch.last.answer({ t: 'typing', conv: 'c' });
    await pass(1);
    assert.deepEqual(FakeFetch.last.body.hello,
                     { device: 'd', token: 'two', n: 7 });
    poll.close();
});


test('says in one request what is said in one breath', async (context) => {
    const { poll, told, pass } = await begin(context);
    const frame = (k) => ({ t: 'send', conv: 'c', k, text: 'x' });

    poll.send(frame(1));
    poll.send(frame(2));
    await pass(1);
    poll.send(frame(3));
    await pass(1);
    assert.equal(FakeFetch.posts.length, 1, 'one at a time');
    assert.deepEqual(FakeFetch.posts[0].body.frames, [frame(1), frame(2)]);
    await FakeFetch.posts[0].answer({ t: 'ack', conv: 'c', k: 1 });
    assert.deepEqual(FakeFetch.posts[1].body.frames, [frame(3)]);
    assert.equal(told.frames.at(-1).t, 'ack');
    assert.equal(FakeFetch.held.length, 2, 'the held request goes on');
    poll.close();
});


test('no request is longer than the desk takes', async (context) => {
    const { poll, pass } = await begin(context);
    const big = (k) => ({ t: 'send', conv: 'c', k, text: '\u20ac'.repeat(8_000) });

    for (let k = 1; k <= 3; k++) {
        poll.send(big(k));
    }
    for (let k = 4; k <= 40; k++) {
        poll.send({ t: 'send', conv: 'c', k, text: 'x' });
    }

    const sizes = [];

    await pass(1);

    for (let i = 0; FakeFetch.posts.length > i; i++) {
        const { body } = FakeFetch.posts[i];

        assert.ok(Buffer.byteLength(JSON.stringify(body)) < 65_536);
        sizes.push(body.frames.length);
        await FakeFetch.posts[i].answer();
    }

    assert.deepEqual(sizes, [2, 32, 6]);
    assert.deepEqual(FakeFetch.posts.flatMap(({ body }) => body.frames)
        .map((frame) => frame.k), Array.from({ length: 40 }, (_, i) => i + 1));
    poll.close();
});


test('follows what an agent follows, from where it stands',
     async (context) => {
    const { poll, pass } = await begin(context, [AGENT, {
        t: 'window', feed: 'inbox', era: 7, head: 3, reset: true, frames: [],
    }]);

    assert.deepEqual(FakeFetch.last.body.at,
                     [{ feed: 'inbox', era: 7, n: 3 }]);

    poll.send({ t: 'follow', feed: 'a' });
    poll.send({ t: 'follow', feed: 'b', era: 7, n: 4, mid: 'd.1' });
    await pass(1);
    assert.equal(FakeFetch.held.length, 3, 'one request for both');
    assert.deepEqual(FakeFetch.last.body.at, [
        { feed: 'inbox', era: 7, n: 3 }, { feed: 'a' },
        { feed: 'b', era: 7, n: 4, mid: 'd.1' },
    ]);

    const [, older, newer] = FakeFetch.held;

    await older.answer({ t: 'card', feed: 'inbox', conv: 'a', n: 4 });
    await pass(600);
    assert.equal(FakeFetch.held.length, 3, 'only the newer one goes on');
    await newer.answer(
        { t: 'window', feed: 'a', era: 7, head: 9, reset: true, frames: [
            { t: 'message', conv: 'a', n: 8, mid: 'e.8' },
            { t: 'event', conv: 'a', n: 9 },
        ] },
        { t: 'message', conv: 'b', n: 5, mid: 'e.1' },
        { t: 'mark', conv: 'b', n: 6 });
    poll.send({ t: 'unfollow', feed: 'a' });
    await pass(1);
    assert.deepEqual(FakeFetch.last.body.at, [
        { feed: 'inbox', era: 7, n: 4 },
        { feed: 'b', era: 7, n: 6, mid: 'e.1' },
    ]);
    poll.close();
});


test('answers move no cursor, nor do frames that are old', () => {
    const cursors = new FeedCursors();

    cursors.set({ feed: 'a', era: 7, n: 4, mid: 'd.1' });
    cursors.pass({ t: 'ack', conv: 'a', n: 9, k: 1 });
    cursors.pass({ t: 'typing', conv: 'a' });
    cursors.pass({ t: 'message', conv: 'a', n: 3, mid: 'd.0' });
    cursors.pass({ t: 'message', conv: 'other', n: 12, mid: 'd.0' });
    cursors.pass({ t: 'window', feed: 'other', era: 7, head: 1, frames: [] });
    assert.deepEqual(cursors.list(),
                     [{ feed: 'a', era: 7, n: 4, mid: 'd.1' }]);
    cursors.pass({ t: 'window', feed: 'a', era: 7, head: 5, reset: false,
                   frames: [] });
    assert.equal(cursors.list()[0].mid, 'd.1');
    cursors.pass({ t: 'window', feed: 'a', era: 8, head: 2, reset: true,
                   frames: [] });
    assert.deepEqual(cursors.list(),
                     [{ feed: 'a', era: 8, n: 2, mid: undefined }]);
});


test('a conversation that began is followed at once', async (context) => {
    const hello = { device: 'd', token: 't' };
    const { poll, pass } = await begin(context, [WELCOME], () => hello);

    poll.send({ t: 'start', id: '1' });
    await pass(1);
    hello.conv = 'new';
    await FakeFetch.posts[0].answer({ t: 'ack', re: '1', conv: 'new' });
    await pass(1);
    assert.equal(FakeFetch.held.length, 3);
    assert.equal(FakeFetch.last.body.hello.conv, 'new');
    poll.close();
});


test('passes over one failure, and tells of the second', async (context) => {
    const { poll, told, pass } = await begin(context);

    FakeFetch.last.fail();
    await settle();
    await pass(500);
    assert.equal(FakeFetch.held.length, 3);
    await FakeFetch.last.answer();
    await pass(1);
    poll.send({ t: 'ping' });
    await pass(1);
    FakeFetch.posts[0].fail();
    await settle();
    await pass(500);
    assert.deepEqual(FakeFetch.posts[1].body.frames, [{ t: 'ping' }]);
    assert.deepEqual(told.lost, []);
    FakeFetch.posts[1].fail();
    await settle();
    assert.deepEqual(told.lost, [0]);
    assert.equal(FakeFetch.held.at(-1).aborted, true);

    const count = FakeFetch.all.length;

    await pass(60_000);
    assert.equal(FakeFetch.all.length, count, 'nothing goes on');
});


test('a failure before the first answer is told at once', async (context) => {
    const { told } = await make(context);

    await FakeFetch.last.status(405, {});
    assert.deepEqual(told.lost, [0]);
    assert.deepEqual(told.frames, [], 'that was no answer of a desk');
});


test('tells what a desk says that refuses', async (context) => {
    for (const [status, code, close] of [
        [401, 'unauthorized', 4401], [403, 'bad_origin', 4403],
        [503, 'unavailable', 0],
    ]) {
        const { told } = await begin(context);

        await FakeFetch.held.at(-1).status(status,
            { code, text: '', retry_after: 9 });
        assert.deepEqual(told.lost, [close]);
        assert.deepEqual(told.frames.at(-1),
                         { t: 'error', code, text: '', retry_after: 9 });
        FakeFetch.all = [];
    }
});


test('a post without a valid token asks for a new one', async (context) => {
    const { poll, told, pass } = await begin(context, [WELCOME]);

    poll.send({ t: 'typing', conv: 'c', on: true });
    await pass(1);
    await FakeFetch.posts[0].status(401, { code: 'unauthorized', text: '' });
    assert.deepEqual(told.lost, [0]);
});


test('breaks off what is silent for too long', async (context) => {
    const { poll, told, pass } = await begin(context);
    const silent = FakeFetch.last;

    await pass(34_998);
    assert.equal(silent.aborted, false);
    await pass(1_000);
    assert.equal(silent.aborted, true);
    assert.equal(FakeFetch.held.length, 3);
    assert.deepEqual(told.lost, []);
    poll.close();
});


test('does not spin when everybody is answered at once', async (context) => {
    const { poll, pass } = await make(context);

    Math.random = () => 0.5;
    await FakeFetch.last.answer(WELCOME);
    await pass(1);
    await FakeFetch.last.answer();
    await pass(249);
    assert.equal(FakeFetch.held.length, 2);
    await pass(1);
    assert.equal(FakeFetch.held.length, 3);
    poll.close();
});


test('an end is an end', async (context) => {
    const { poll, told, pass } = await begin(context);
    const held = FakeFetch.last;

    poll.send({ t: 'ping' });
    poll.close();
    assert.equal(held.aborted, true);
    await pass(120_000);
    assert.equal(FakeFetch.all.length, 2);
    assert.equal(FakeSocket.all.length, 0);
    assert.deepEqual(told.lost, []);
});
