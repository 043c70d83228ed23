/**
 * @param {BufferSource} buffer
 * @returns {Promise<Uint8Array>} the 32 bytes of its SHA-256
 */
export async function sha256(buffer) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', buffer));
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} lower case, two digits a byte
 */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} RFC 4648 section 4, padded (what RFC 9530 digests carry)
 */
export function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} RFC 4648 section 5, not padded
 */
export function base64url(bytes) {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * @param {string} text RFC 4648 section 5, not padded
 * @returns {Uint8Array}
 * @throws {SyntaxError} on any character outside that alphabet, padding and blanks too
 */
export function fromBase64url(text) {
  // atob alone would let blanks and the other alphabet through, so that two texts meant the same bytes.
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) throw new SyntaxError('not base64url');
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
