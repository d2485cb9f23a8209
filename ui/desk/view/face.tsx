/*
 * A person's face with the presence dot: green while connected, else grey;
 * the mark of work that is no person's.
 */

import { Avatar } from '../../shared/avatar';
import { WorkIcon } from './icons';

interface Props {
    id: string;
    name: string;
    size?: 'small' | 'large';

    /* left out where presence is not shown */
    present?: boolean;
}

export function Face({ id, name, size, present }: Props) {
    return (
        <span class={size ? `face ${size}` : 'face'}>
            <Avatar id={id} name={name} />
            {present !== undefined && (
                <span class="dot presence" data-is={present ? 'on' : 'off'} />
            )}
        </span>
    );
}

export function WorkFace() {
    return (
        <span class="face" aria-hidden="true">
            <span class="avatar task"><WorkIcon /></span>
        </span>
    );
}
