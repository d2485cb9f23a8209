/*
 * Icons: line drawings on a 24 x 24 grid, one stroke width, color of the text
 * around them.  An icon says nothing by itself: what stands beside it or the
 * label of its button does.
 */

import type { VNode } from 'preact';

/* One constant each, so that a bundle holds only those that it shows. */
export const ALERT =
    'M12 8v5M12 16.5v.01M10.3 4 2.6 17.5A2 2 0 0 0 4.3 20.5h15.4a2 2 0 '
    + '0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0Z';
export const CHAT =
    'M20.5 11.5a8 8 0 0 1-8.3 8 9 9 0 0 1-3.9-.9L3.5 20l1.4-4.2a7.6 7.6 '
    + '0 0 1-1.2-4.1A8.2 8.2 0 0 1 12 3.5a8.2 8.2 0 0 1 8.5 8Z';
export const CHECK = 'm5 12.5 4.5 4.5L19 7';
export const CHECKS = 'm2 12.5 4.5 4.5L16 7M12 15.5l1.7 1.5L22 7';
export const CLOCK =
    'M12 7v5l3.2 2M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0Z';
export const CLOSE = 'm6 6 12 12M18 6 6 18';
export const DOWN = 'm6 9.5 6 6 6-6';
export const LEAVE =
    'M14.5 16.5 19 12l-4.5-4.5M19 12H9M11 4H6a2 2 0 0 0-2 2v12a2 2 0 0 '
    + '0 2 2h5';
export const OFFLINE =
    'm3 3 18 18M8.5 16.2a5 5 0 0 1 7 0M5 12.7a10 10 0 0 1 5.2-2.7M2 '
    + '9a15 15 0 0 1 4.7-3M22 9a15 15 0 0 0-11.3-3.9M19 12.7a10 10 0 0 '
    + '0-2.8-1.9M12 19.5v.01';
export const RETRY = 'M4.5 5v5h5M4.7 10A8 8 0 1 1 4 13.5';
export const SEND = 'M5 12h13M12.5 6l6 6-6 6';
export const TRASH =
    'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 11v5M14 11v5';
export const USER = 'M19 20a7 7 0 0 0-14 0M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z';

const PATHS = {
    alert: ALERT, chat: CHAT, check: CHECK, checks: CHECKS, clock: CLOCK,
    close: CLOSE, down: DOWN, leave: LEAVE, offline: OFFLINE, retry: RETRY,
    send: SEND, trash: TRASH, user: USER,
} as const;

export type IconName = keyof typeof PATHS;

export interface DrawingProps {
    /* path data; one stroke, no fill */
    path: string;
    size?: number;
}


export function Drawing({ path, size = 20 }: DrawingProps): VNode {
    return (
        <svg class="icon" viewBox="0 0 24 24" width={size} height={size}
             fill="none" stroke="currentColor" stroke-width="1.75"
             stroke-linecap="round" stroke-linejoin="round"
             aria-hidden="true" focusable="false">
            <path d={path} />
        </svg>
    );
}


export function Icon({ name, size }: { name: IconName; size?: number }): VNode {
    return <Drawing path={PATHS[name]} size={size} />;
}
