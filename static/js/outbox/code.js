// The eight characters of a poster; the same rule as wujin_field/models/codes.py, checked against one sample file.

const ALPHABET = "23456789ACDEFGHJKLMNPQRTUVWXY";
const LOOKALIKES = { S: "5", Z: "2", B: "8" };
// No poster bears these: whoever types one saw one of those. The check character says which.
const SEEN_AS = { O: "QDC", 0: "QDC", I: "LJT", 1: "LJT7" };
const GUESSES_MAX = 3; // with more such slips chance would decide

/** The code somebody typed or scanned (a bare code or an address that ends in /v/<code>), or null if it cannot be one. */
export function readCode(typed) {
  const tail = typed.trim().match(/\/v\/([^/?#]+)\/?(?:[?#].*)?$/)?.[1] ?? typed;
  const plain = tail.normalize("NFKC").toUpperCase().replace(/[SZB]/g, (char) => LOOKALIKES[char]);
  const code = plain.replace(/[^\p{L}\p{N}]/gu, "");
  if (code.length !== 8 || [...code].filter((char) => SEEN_AS[char]).length > GUESSES_MAX) return null;
  const meant = readings(code).filter(isRight);
  return meant.length === 1 ? meant[0] : null;
}

/** Every way to read what was typed. */
function readings(code) {
  return [...code].reduce((all, char) => all.flatMap((stem) => [...(SEEN_AS[char] ?? char)].map((one) => stem + one)), [""]);
}

function isRight(code) {
  return [...code].every((char) => ALPHABET.includes(char)) && checkCharacter(code.slice(0, 7)) === code[7];
}

function checkCharacter(stem) {
  const sum = [...stem].reduce((total, char, place) => total + (place + 1) * ALPHABET.indexOf(char), 0);
  return ALPHABET[sum % ALPHABET.length];
}
