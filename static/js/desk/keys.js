/** A key that is ours: pressed alone, and not while somebody types or a button elsewhere would take it. */
export const isOurs = (event) =>
  !event.defaultPrevented && !event.repeat && !event.isComposing
  && !event.ctrlKey && !event.altKey && !event.metaKey
  && !event.target.closest?.('input, textarea, select, [contenteditable]');
