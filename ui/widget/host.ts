/*
 * What the panel knows of the element that holds it (embed/loader.ts), and
 * what all parts of the screen share.
 */

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ReadonlySignal, Signal } from '@preact/signals';

import type { Language } from './locale';
import type { Profile, Session } from './session';

export interface Host extends HTMLElement {
    readonly base: string;
    readonly desk: string;
    readonly section: HTMLElement;
    readonly isOpen: boolean;
    readonly languages: readonly (string | null)[];
    readonly texts: Record<string, string>;
    readonly profile: Profile;
    unread: number;
    close(): void;
    emit(name: string, detail?: unknown): void;
}

export interface Screen {
    host: Host;
    session: Session;
    language: ReadonlySignal<Language>;
    /* what stands in the composer */
    draft: Signal<string>;
    /* whether the visitor is being asked if the chat should end */
    asking: Signal<boolean>;
    /* panel open and page visible */
    watched: ReadonlySignal<boolean>;
    /* the panel fills a phone's screen */
    phone: ReadonlySignal<boolean>;
}

export const ScreenContext = createContext<Screen | null>(null);


export function useScreen(): Screen {
    const screen = useContext(ScreenContext);

    if (screen === null) {
        throw new Error('no screen around this part');
    }

    return screen;
}
