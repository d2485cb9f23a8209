/*
 * Why an offer or a chat has left the inbox, in words behind the client's
 * name.
 */

import type { CardGoneFrame } from '../shared/tables';

export const GONE_WORDS: Partial<Record<CardGoneFrame['why'], string>> = {
    missed: 'the time to accept ran out.',
    withdrawn: 'the offer was taken back.',
    accepted: 'accepted on another device.',
    handed: 'handed on.',
    taken: 'taken over by a supervisor.',
    lost: 'given to others, you were away for too long.',
    over: 'the chat has ended.',
};
