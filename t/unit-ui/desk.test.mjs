/*
 * The desktop's pure pieces: inbox, lines of a log, spans, marks, script.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { installClock, load } from './support.mjs';

const {
    Inbox, Marker, linesOf, scriptFor, sinceReply, leftOf, ago, cleanOption,
    faultsOf, moved, optionsOf, Ongoing, stateDot, stateReason, stateWord,
    statesOf, updatedAt, worksOn,
} = await load('desk/inbox', 'desk/lines', 'desk/spans', 'desk/script',
               'desk/marker', 'desk/options', 'desk/ongoing', 'desk/states',
               'desk/people');

const card = (conv, phase, more = {}) => ({
    t: 'card', feed: 'inbox', n: 1, conv, phase, queue: 'Sales', who: 'w',
    since: 1000, present: true, unread: 0, ...more,
});
const gone = (conv, why) => (
    { t: 'card_gone', feed: 'inbox', n: 1, conv, why });


test('the inbox groups by phase and keeps the order of arrival', () => {
    const left = [];
    const inbox = new Inbox((one, why) => left.push([one.conv, why]));

    assert.equal(inbox.loaded.value, false);
    inbox.window([card('a', 'active'), card('b', 'offered')], true);
    inbox.apply(card('c', 'active'));
    inbox.apply(card('a', 'active', { unread: 2 }));

    assert.deepEqual(inbox.order.value, ['a', 'b', 'c']);
    assert.deepEqual(inbox.active.value, ['a', 'c']);
    assert.deepEqual(inbox.offers.value, ['b']);

    inbox.apply(card('b', 'active'));
    inbox.apply(card('a', 'closed'));
    assert.deepEqual(inbox.active.value, ['b', 'c']);
    assert.deepEqual(inbox.closed.value, ['a']);

    inbox.apply(gone('b', 'withdrawn'));
    inbox.apply(gone('never', 'missed'));
    assert.deepEqual(left, [['b', 'withdrawn']]);
    assert.deepEqual(inbox.order.value, ['a', 'c']);
});


test('a message renews one card and moves nothing', () => {
    const inbox = new Inbox(() => {});

    inbox.window([card('a', 'active'), card('b', 'active')], true);

    const order = inbox.order.value;
    const other = inbox.card('b').value;

    inbox.apply(card('a', 'active', { unread: 1 }));
    assert.equal(inbox.card('a').value.unread, 1);
    assert.equal(inbox.order.value, order);
    assert.equal(inbox.card('b').value, other);
});


test('a window that resets drops what it does not name', () => {
    const inbox = new Inbox(() => assert.fail('nothing was announced'));

    inbox.window([card('a', 'active'), card('b', 'offered')], true);
    inbox.window([card('a', 'active')], true);
    assert.deepEqual(inbox.order.value, ['a']);
    inbox.window([card('c', 'active')], false);
    assert.deepEqual(inbox.order.value, ['a', 'c']);
});


const me = (state, takes, more = {}) => ({
    t: 'me', feed: 'inbox', n: 1, state, takes, capacity: 3, active: 0,
    states: 'available, busy, away, post=Messages only',
    channels: 'chat, messaging, item', ...more,
});


test('ongoing messages are the active ones of the channel', () => {
    const inbox = new Inbox(() => {});
    const ongoing = new Ongoing(inbox,
                                (conv) => inbox.card(conv).value.unread);
    const messages = (conv, more = {}, phase = 'active') =>
        card(conv, phase, { channel: 'messaging', ...more });

    inbox.window([
        messages('a'), card('b', 'active', { channel: 'chat', unread: 4 }),
        messages('c', { unread: 2 }), messages('d', {}, 'offered'),
        messages('e', { seat: 'observer' }), messages('f', {}, 'closed'),
    ], true);

    const before = ongoing.cards.value;

    assert.deepEqual(before, ['a', 'c']);
    assert.equal(ongoing.unread.value, 1, 'conversations, not messages');
    inbox.apply(messages('a', { unread: 1 }));
    assert.equal(ongoing.cards.value, before, 'the list is the same');
    assert.equal(ongoing.unread.value, 2);
    inbox.apply(messages('d'));
    inbox.apply(messages('c', {}, 'closed'));
    assert.deepEqual(ongoing.cards.value, ['a', 'd']);
    assert.equal(ongoing.unread.value, 1);
});


test('there is a clock for those who work on messaging', () => {
    const inbox = new Inbox(() => {});
    const ongoing = new Ongoing(inbox, () => 0);
    const shown = (frame) => {
        inbox.apply(frame);
        return ongoing.offered.value;
    };

    assert.equal(ongoing.offered.value, false, 'nothing is known yet');
    assert.equal(shown(me('available', 'chat, messaging, item')), true);
    assert.equal(shown(me('chats', 'chat')), false);
    assert.equal(shown(me('away', '')), true, 'the work stays');
    assert.equal(shown(me('away', '', { channels: 'chat' })), false);

    ongoing.show(true);
    assert.equal(ongoing.open.value, false, 'no cards without a clock');
    assert.equal(shown(me('post', 'messaging')), true);
    assert.equal(ongoing.open.value, true);
    assert.equal(worksOn(undefined, 'messaging'), false);
});


test('states have names and colours', () => {
    const own = me('post', 'messaging');

    assert.deepEqual(statesOf(own).map((one) => one.word),
                     ['Available', 'Busy', 'Away', 'Messages only']);
    assert.equal(statesOf(undefined).length, 3);
    assert.equal(stateWord(own), 'Messages only');
    assert.equal(stateWord(undefined), 'Offline');
    assert.equal(stateWord(me('offline', '')), 'Offline');
    assert.deepEqual([own, me('post', ''), me('away', ''), undefined]
        .map(stateDot), ['available', 'busy', 'away', 'offline']);
});


test('a card was updated when somebody wrote last', () => {
    assert.equal(updatedAt(card('a', 'active')), 1000);
    assert.equal(updatedAt(card('a', 'active', {
        client_at: 3000, reply_at: 2000 })), 3000);
});


const DAY = 24 * 3600_000;
const NOON = new Date(2026, 10, 21, 12).getTime();
const message = (n, at, from, more = {}) => ({
    t: 'message', conv: 'c', n, v: n, at, mid: `d.${n}`, from,
    role: from === 'ana' ? 'agent' : 'visitor', text: `text ${n}`, ...more,
});

const lines = (log, more = {}) => linesOf({
    log, items: [], who: 'ana', newsFrom: 0, picks: new Map(), keyOf: (mid) => mid,
    deliveryOf: () => 'read', ...more,
});


test('days part the log; one sender and minute share a head', () => {
    const list = lines([
        message(1, NOON - DAY, 'v'), message(2, NOON, 'v'),
        message(3, NOON + 30_000, 'v'), message(4, NOON + 60_000, 'v'),
        message(5, NOON + 61_000, 'ana'),
    ]);

    assert.deepEqual(list.map((line) => line.is), [
        'day', 'balloon', 'day', 'balloon', 'balloon', 'balloon', 'balloon',
    ]);
    assert.deepEqual(list.filter((line) => line.is === 'balloon')
        .map((line) => line.first), [true, true, false, true, true]);
});


test('own messages have a state; only the newest says it', () => {
    const [, first, , last] = lines([
        message(1, NOON, 'ana'), message(2, NOON + 1, 'v'),
        message(3, NOON + 2, 'ana'),
    ]);

    assert.deepEqual([first.state, first.says], ['read', false]);
    assert.deepEqual([last.state, last.says], ['read', true]);
});


test('a message of another agent is not one\'s own', () => {
    const [, line] = lines([message(1, NOON, 'ben', { role: 'agent' })]);

    assert.equal(line.own, false);
    assert.equal(line.state, undefined);
});


test('what is under way comes last and keeps its key', () => {
    const item = (id, state) => (
        { id, text: id, private: false, at: NOON - DAY, state, k: 1 });
    const list = lines([message(1, NOON, 'v')], {
        items: [item('x', 'failed'), item('y', 'sending')],
    });

    assert.deepEqual(list.filter((line) => line.is === 'balloon')
        .map((line) => [line.key, line.state, line.says]), [
        ['d.1', undefined, false], ['x', 'failed', true],
        ['y', 'sending', true],
    ]);

    const [, line] = lines([message(1, NOON, 'ana')],
                           { keyOf: () => 'x' });

    assert.equal(line.key, 'x');
});


test('a line parts what is new', () => {
    const list = lines([message(1, NOON, 'v'), message(2, NOON, 'v')],
                       { newsFrom: 2 });

    assert.deepEqual(list.map((line) => line.is),
                     ['day', 'balloon', 'news', 'balloon']);
    assert.equal(list[3].first, true);
});


test('the tab turns amber while a client waits, not while the agent does',
     () => {
    const at = (more) => sinceReply(card('a', 'active', more), 1_000_000);

    assert.deepEqual(at({ since: 990_000 }),
                     { span: 10_000, first: true, grows: 0 });
    assert.equal(at({ since: 930_000 }).grows, 1);
    assert.equal(at({ since: 800_000 }).grows, 2);
    assert.deepEqual(at({ reply_at: 500_000, client_at: 400_000 }),
                     { span: 500_000, first: false, grows: 0 });
    assert.equal(at({ reply_at: 500_000, client_at: 939_000 }).grows, 1);
});


test('a countdown is neither negative nor longer than the limit', () => {
    const offer = card('a', 'offered', { expires: 9_000, accept_ms: 5_000 });

    assert.equal(leftOf(offer, 3_000), 5_000);
    assert.equal(leftOf(offer, 6_000), 3_000);
    assert.equal(leftOf(offer, 99_000), 0);
});


test('spans are short words', () => {
    assert.deepEqual([0, 59_999, 60_000, 3_600_000, DAY].map(ago),
                     ['now', 'now', '1 min', '1 h', '1 d']);
});


test('marks go out at most once a second, and only when they rise',
     async (context) => {
    const turn = installClock(context);
    const sent = [];
    const marker = new Marker(
        { send: (frame) => sent.push(frame) > 0 }, 'c');

    marker.raise({ got: 1, read: 0, n: 0 });
    marker.raise({ got: 2, read: 0, n: 0 });
    marker.raise({ got: 3, read: 3, n: 5 });
    assert.deepEqual(sent, [{ t: 'mark', conv: 'c', got: 1, read: 0 }]);

    await turn(1000);
    assert.deepEqual(sent[1],
                     { t: 'mark', conv: 'c', got: 3, read: 3, n: 5 });

    marker.raise({ got: 3, read: 2, n: 4 });
    await turn(5000);
    assert.equal(sent.length, 2);

    marker.again();
    assert.deepEqual(sent[2], sent[1]);
    marker.stop();
});


test('a mark that could not be sent is sent later', () => {
    const sent = [];
    let online = false;
    const marker = new Marker(
        { send: (frame) => online && sent.push(frame) > 0 }, 'c');

    marker.raise({ got: 1, read: 1, n: 2 });
    online = true;
    marker.again();
    assert.equal(sent.length, 1);
    marker.stop();
});


test('the script speaks the client\'s language', () => {
    const greeting = (lang, client) =>
        scriptFor(lang, client, 'Ana', 'Sales')[0].text;

    assert.equal(greeting('de-AT', 'Eva'), 'Guten Tag Eva, hier ist Ana, '
                 + 'Sales. Wie kann ich Ihnen helfen?');
    assert.match(greeting('xx', undefined), /^Hello, you are talking to Ana/);
    assert.match(greeting(undefined, '$&'), /^Hello \$&, /);
    assert.match(greeting('constructor', 'Eva'), /^Hello Eva/);
});


/* proves: P3 */
test('options are what the desk will take, or say why not', () => {
    assert.equal(cleanOption('a\u202eb\nc\u0000'), 'a b c ');
    assert.deepEqual(faultsOf(['a', '', ' a', 'x'.repeat(81)]),
        [undefined, undefined, 'The same as option 1', '1 too many']);
    assert.deepEqual(faultsOf(['\u{1f600}'.repeat(80)]), [undefined]);
    assert.equal(optionsOf(['a', ' ']), undefined, 'two at least');
    assert.equal(optionsOf(['a', 'a']), undefined);
    assert.equal(optionsOf(Array.from({ length: 11 }, (_, i) => `${i}`)),
                 undefined, 'ten at most');
    assert.deepEqual(optionsOf([' a ', '', 'b']), ['a', 'b']);
    assert.deepEqual(moved(['a', 'b'], 0, 1), ['b', 'a']);
    assert.deepEqual(moved(['a', 'b'], 0, -1), ['a', 'b']);
});


test('a state that came by itself says why', () => {
    const me = (why) => ({ t: 'me', feed: 'inbox', n: 1, state: 'away', why });

    assert.equal(stateReason(undefined), '');
    assert.equal(stateReason(me(undefined)), '');
    assert.match(stateReason(me('missed')), /not answer/);
    assert.match(stateReason(me('idle')), /nothing/);
    assert.match(stateReason(me('state_gone')), /settings/);
});
