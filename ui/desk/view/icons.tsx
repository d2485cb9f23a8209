/*
 * Icons that only the desktop needs; the rest are in shared/icons.
 */

import { Drawing } from '../../shared/icons';

export const InboxIcon = () => <Drawing
    path="M4 13.5 6.6 5h10.8L20 13.5V19H4v-5.5Zm0 0h4.5l1.2 2.5h4.6l1.2-2.5H20"
/>;

export const HelpIcon = () => <Drawing
    path="M9.6 9.4A2.5 2.5 0 0 1 12 7.5c1.4 0 2.5 1 2.5 2.3 0 1.9-2.5 2-2.5
        3.9M12 16.6v.01M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0Z"
/>;

export const PanelIcon = () => <Drawing path="M4 5h16v14H4zM14.5 5v14" />;

export const ChoicesIcon = () => <Drawing
    path="M9 6h11M9 12h11M9 18h11M4 6h1.5M4 12h1.5M4 18h1.5"
/>;

/* a case with a handle: work that is no chat */
export const WorkIcon = () => <Drawing
    path="M4 8h16v11H4zM9 8V5.5h6V8M4 12.5h16"
/>;

export const TemplatesIcon = () => <Drawing
    path="M6 3.5h8.5L18.5 7.5v13H6zM14 3.5V8h4.5M9 12h6M9 15.5h6"
/>;

export const BackIcon = () => <Drawing path="m14.5 6-6 6 6 6" />;

export const ShownIcon = () => <Drawing
    path="M2.5 12S6 6 12 6s9.5 6 9.5 6-3.5 6-9.5 6S2.5 12 2.5 12ZM12
        14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"
/>;
