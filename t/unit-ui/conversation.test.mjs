/*
 * The store of a conversation: numbers, windows, registers, marks, typing.
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { installBrowser, installClock, load } from './support.mjs';

const { Conversation } = await load('shared/conversation');

beforeEach(() => { installBrowser(); });

const message = (n, more = {}) => ({
    t: 'message', conv: 'c', n, v: n, at: n, mid: `m.${n}`, from: 'ana',
    role: 'agent', text: `text ${n}`, ...more,
});
const event = (n, what) => ({ t: 'event', conv: 'c', n, v: n, at: n, what });
const mark = (n, who, role, got, read) => (
    { t: 'mark', conv: 'c', n, v: n, who, role, got, read });
const window = (head, frames, more = {}) => (
    { t: 'window', feed: 'c', era: 7, head, reset: true, frames, ...more });


function make(...frames) {
    const holes = [];
    const store = new Conversation({ id: 'c', onHole: () => holes.push(1) });

    frames.forEach((frame) => store.apply(frame));

    return { store, holes, numbers: () => store.log.value.map((e) => e.n) };
}


test('a window, then live frames, each once', () => {
    const { store, holes, numbers } = make(
        message(1),
        window(3, [message(1), event(2, 'joined'), message(3)]),
        message(3), message(4), message(4), message(2), event(5, 'ended'));

    assert.deepEqual(numbers(), [1, 2, 3, 4, 5]);
    assert.deepEqual(holes, []);
    assert.deepEqual(store.cursor(), { era: 7, n: 5, mid: 'm.4' });
});


test('before the first window there is nothing to resume', () => {
    const { store, numbers } = make(message(1));

    assert.deepEqual(numbers(), []);
    assert.deepEqual(store.cursor(), {});
    assert.equal(store.ready.value, false);
});


test('a hole is asked about once and never jumped', () => {
    const { store, holes, numbers } = make(
        window(1, [message(1)]), message(3), message(4));

    assert.deepEqual(numbers(), [1]);
    assert.equal(holes.length, 1);
    assert.equal(store.cursor().n, 1);

    store.apply(window(4, [message(2), message(3), message(4)],
                       { reset: false }));
    store.apply(message(5));
    assert.deepEqual(numbers(), [1, 2, 3, 4, 5]);
});


test('registers count as frames and replace their like', () => {
    const member = (n, present) => ({
        t: 'member', conv: 'c', n, v: n, who: 'ana', role: 'agent', present,
    });
    const { store, holes } = make(
        window(4, [member(2, true), mark(4, 'ana', 'agent', 1, 0),
                   message(1), message(3)]),
        { t: 'phase', conv: 'c', n: 5, phase: 'active' },
        member(6, false), mark(7, 'ana', 'agent', 3, 3), message(8));

    assert.deepEqual(holes, []);
    assert.equal(store.members.value.get('ana').present, false);
    assert.equal(store.marks.value.get('ana').read, 3);
    assert.equal(store.phase.value.phase, 'active');
    assert.equal(store.headV.value, 8);
});


test('a reset forgets what was there', () => {
    const { store, numbers } = make(
        window(2, [mark(1, 'ana', 'agent', 2, 2), message(2)]),
        window(9, [message(9)], { era: 8 }));

    assert.deepEqual(numbers(), [9]);
    assert.equal(store.marks.value.size, 0);
    assert.deepEqual(store.cursor(), { era: 8, n: 9, mid: 'm.9' });
});


test('frames of other feeds are left alone', () => {
    const { store, numbers } = make(
        window(1, [message(1)]), message(2, { conv: 'other' }),
        window(5, [message(5)], { feed: 'inbox' }),
        { t: 'typing', conv: 'other', who: 'ana', role: 'agent', on: true });

    assert.deepEqual(numbers(), [1]);
    assert.equal(store.typing.value.size, 0);
});


test('a snapshot rebuilds the store elsewhere', () => {
    const { store } = make(window(4, [
        { t: 'phase', conv: 'c', n: 2, phase: 'waiting' },
        mark(4, 'ana', 'agent', 1, 0), message(1), message(3),
    ]));
    const copy = make(store.snapshot(), message(5));

    assert.deepEqual(copy.numbers(), [1, 3, 5]);
    assert.equal(copy.store.phase.value.phase, 'waiting');
    assert.deepEqual(copy.store.marks.value, store.marks.value);
});


/* proves: V16 */
test('delivery comes from the marks of the other side', () => {
    const own = message(2, { role: 'visitor', from: 'me' });
    const { store } = make(window(2, [message(1), own]));
    const { store: desk } = make(window(3, [
        { ...message(3), v: 0, private: true },
        mark(1, 'visitor', 'visitor', 9, 9),
    ]));

    assert.equal(store.deliveryOf(own), 'sent');
    store.apply(mark(3, 'me', 'visitor', 2, 2));
    assert.equal(store.deliveryOf(own), 'sent', 'own marks do not count');
    store.apply(mark(4, 'ana', 'agent', 2, 1));
    assert.equal(store.deliveryOf(own), 'delivered');
    store.apply(mark(5, 'ben', 'agent', 2, 2));
    assert.equal(store.deliveryOf(own), 'read');
    assert.equal(desk.deliveryOf(desk.messages.value[0]), 'sent',
                 'no visitor gets a private message');
});


/* proves: V5 */
test('typing ends by itself, by a word, by a message', async (context) => {
    const pass = installClock(context);
    const typing = (on) => (
        { t: 'typing', conv: 'c', who: 'ana', role: 'agent', on });
    const { store } = make(window(0, []), typing(true));

    await pass(5_999);
    assert.equal(store.typing.value.size, 1);
    store.apply(typing(true));
    await pass(5_999);
    assert.equal(store.typing.value.size, 1, 'repeated, it goes on');
    await pass(1);
    assert.equal(store.typing.value.size, 0);

    store.apply(typing(true));
    store.apply(typing(false));
    assert.equal(store.typing.value.size, 0);

    store.apply(typing(true));
    store.apply(message(1));
    assert.equal(store.typing.value.size, 0);
});


test('the log is bounded', () => {
    const { store, numbers } = make(window(0, []));

    for (let n = 1; n <= 1_000; n++) {
        store.apply(message(n));
    }

    assert.equal(numbers().length, 400);
    assert.equal(numbers().at(-1), 1_000);
});


/* proves: V7 P3 */
test('a menu is settled by the message that picks from it', () => {
    const { store } = make(
        window(2, [message(1, { choices: ['a', 'b'] }),
                   message(2, { text: 'b', picks: 'm.1', role: 'visitor' })]),
        message(3, { choices: ['c', 'd'] }));

    assert.deepEqual([...store.picks.value], [['m.1', 'b']]);
});
