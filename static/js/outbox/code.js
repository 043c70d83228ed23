// The eight characters of a poster; the same rule as wujin_field/models/codes.py, checked against one sample file.

const ALPHABET = "23456789ACDEFGHJKLMNPQRTUVWXY";
const LOOKALIKES = { S: "5", Z: "2", B: "8" };

/** The code somebody typed or scanned (a bare code or an address that ends in /v/<code>), or null if it cannot be one. */
export function readCode(typed) {
  const tail = typed.trim().match(/\/v\/([^/?#]+)\/?(?:[?#].*)?$/)?.[1] ?? typed;
  const plain = tail.normalize("NFKC").toUpperCase().replace(/[SZB]/g, (char) => LOOKALIKES[char]);
  const code = plain.replace(/[^\p{L}\p{N}]/gu, "");
  if (code.length !== 8 || [...code].some((char) => !ALPHABET.includes(char))) return null;
  return checkCharacter(code.slice(0, 7)) === code[7] ? code : null;
}

function checkCharacter(stem) {
  const sum = [...stem].reduce((total, char, place) => total + (place + 1) * ALPHABET.indexOf(char), 0);
  return ALPHABET[sum % ALPHABET.length];
}
