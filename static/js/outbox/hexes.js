// Digests travel as hex in addresses and as base64 in Content-Digest (RFC 9530).

export { base64 } from "../phone/digest.js";

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}
