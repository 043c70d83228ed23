// RFC 8785 canonical JSON for what we sign: integers, strings, booleans, null, lists and objects.

/** @returns {string} throws TypeError on a number that is no safe integer, or on half a character */
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return integer(value);
  if (typeof value === "string") return JSON.stringify(whole(value));
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const fields = Object.keys(value).sort().filter((key) => value[key] !== undefined);
  return `{${fields.map((key) => `${JSON.stringify(whole(key))}:${canonical(value[key])}`).join(",")}}`;
}

function integer(value) {
  if (!Number.isSafeInteger(value)) throw new TypeError(`not an integer: ${value}`);
  return String(value + 0 || 0); // -0 is written as 0
}

function whole(text) {
  // A lone surrogate (half an emoji, left by a cut) has no UTF-8; the server would refuse the whole record.
  return [...text].filter((char) => !/^[\uD800-\uDFFF]$/.test(char)).join("");
}
