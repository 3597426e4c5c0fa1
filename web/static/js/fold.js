// @ts-check
// Text for search, as the server folds it: lower case, no diacritics, đ as d.

/**
 * @param {string} text
 * @returns {string} folded, single spaces, trimmed
 */
export function fold(text) {
  // A zero-width space stands between words that may be broken there; the others mean nothing.
  const shown = text.replace(/\u200b/g, " ").replace(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, "");
  return foldLetters(shown).join("").replace(/[\s\u2800]+/g, " ").trim();
}

/**
 * Fold letter by letter, so that places in the folded text can be led back to the original.
 * @param {string} text
 * @returns {string[]} one entry a code point of the composed text
 */
function foldLetters(text) {
  return [...text.normalize("NFC")].map((letter) =>
    letter
      .toLowerCase()
      .replace("đ", "d")
      .normalize("NFD")
      .replace(/\p{M}/gu, ""),
  );
}

/**
 * Cut a name into pieces, those that match a word of the query marked.
 * @param {string} text
 * @param {string} query as typed; every word is looked for by itself
 * @returns {{text: string, hit: boolean}[]} joined they are `text` in composed form
 */
export function markMatches(text, query) {
  const letters = [...text.normalize("NFC")];
  const folded = foldLetters(text);
  const hits = new Array(letters.length).fill(false);
  // Each folded letter is one character or none, so a place map is enough.
  const places = /** @type {number[]} */ ([]);
  let plain = "";
  folded.forEach((part, index) => {
    for (let k = 0; k < part.length; k += 1) places.push(index);
    plain += part;
  });
  for (const word of fold(query).split(" ").filter(Boolean)) {
    for (let at = plain.indexOf(word); at >= 0; at = plain.indexOf(word, at + 1)) {
      for (let k = at; k < at + word.length; k += 1) hits[/** @type {number} */ (places[k])] = true;
    }
  }
  return joinRuns(letters, hits);
}

/**
 * @param {string[]} letters
 * @param {boolean[]} hits
 * @returns {{text: string, hit: boolean}[]}
 */
function joinRuns(letters, hits) {
  const pieces = /** @type {{text: string, hit: boolean}[]} */ ([]);
  letters.forEach((letter, index) => {
    const hit = Boolean(hits[index]);
    const last = pieces.at(-1);
    if (last && last.hit === hit) last.text += letter;
    else pieces.push({ text: letter, hit });
  });
  return pieces;
}
