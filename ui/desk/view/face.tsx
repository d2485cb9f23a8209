/*
 * A person's face with the presence dot: green while connected, else grey.
 */

import { Avatar } from '../../shared/avatar';

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
