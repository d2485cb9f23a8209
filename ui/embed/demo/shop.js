/*
 * The demo shop's own script: calls to the chat may come before it is there.
 */

window.ChatDesk ??= Object.assign(
    (...call) => { window.ChatDesk.q.push(call); }, { q: [] });

document.querySelector('#ask').addEventListener('click', () => {
    window.ChatDesk('open');
});
