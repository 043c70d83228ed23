/**
 * An Error that carries a word for the page to act on.
 * @param {string} reason one of the words the caller's documentation lists
 * @param {unknown} [cause] what the browser said, for the log
 * @returns {Error & {reason: string}}
 */
export function trouble(reason, cause) {
  const said = cause?.message ? `${reason}: ${cause.message}` : reason;
  return Object.assign(new Error(said, { cause }), { reason });
}
