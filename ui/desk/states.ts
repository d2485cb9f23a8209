/*
 * Presence states, and the channels that they take, as the register `me`
 * tells them.
 *
 * Pure functions.
 */

import type { MeFrame } from '../shared/tables';

export interface State {
    id: string;
    word: string;

    /* of those that are built in: the desk's own ones speak for themselves */
    note?: string;
}

const BUILT_IN: readonly State[] = [
    { id: 'available', word: 'Available', note: 'Work is offered' },
    { id: 'busy', word: 'Busy', note: 'Here, nothing new' },
    { id: 'away', word: 'Away', note: 'Not at the desk' },
];

/* Those to choose from; until the desk has said which, the built-in ones. */
export function statesOf(me: MeFrame | undefined): readonly State[] {
    const told = partsOf(me?.states).map((part) => {
        const [id = '', word = id] = part.split('=');

        return BUILT_IN.find((one) => one.id === id) ?? { id, word };
    });

    return told.length > 0 ? told : BUILT_IN;
}

/* What the state is called. */
export function stateWord(me: MeFrame | undefined): string {
    const found = statesOf(me).find((one) => one.id === me?.state);

    return found?.word ?? 'Offline';
}

const REASONS: Partial<Record<NonNullable<MeFrame['why']>, string>> = {
    missed: 'You did not answer what you were offered.',
    idle: 'You did nothing for a while.',
    state_gone: 'The settings do not have your state any more.',
};

/* Why the state came by itself; empty for one that was chosen. */
export function stateReason(me: MeFrame | undefined): string {
    return me?.why === undefined ? '' : REASONS[me.why] ?? '';
}

/* The colour of the state: that of the built-in one which is like it. */
export function stateDot(me: MeFrame | undefined): string {
    if (me === undefined || me.state === 'offline'
        || BUILT_IN.some((one) => one.id === me.state))
    {
        return me?.state ?? 'offline';
    }

    return partsOf(me.takes).length > 0 ? 'available' : 'busy';
}

export function takes(me: MeFrame | undefined, channel: string): boolean {
    return partsOf(me?.takes).includes(channel);
}

/* Whether the agent works on a channel: the presence state takes it; with one
   that takes nothing for now, the profile has it. */
export function worksOn(me: MeFrame | undefined, channel: string): boolean {
    const own = partsOf(me?.takes);

    return (own.length > 0 ? own : partsOf(me?.channels)).includes(channel);
}

function partsOf(list: string | undefined): readonly string[] {
    return list ? list.split(', ') : [];
}
