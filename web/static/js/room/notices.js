/**
 * Which notices are shown: one that waits for an answer, by importance, and under it one that
 * passes by itself, in the order they came. Pure.
 */

/**
 * @typedef {object} Notice
 * @property {string} text
 * @property {Topic} [topic] what it is about; a newer one about the same takes its place
 * @property {Answer[]} [answers] with any, it stays until it is answered
 */
/** @typedef {{label: string, run: () => void, quiet?: boolean}} Answer `quiet`: waved away */
/** @typedef {keyof typeof IMPORTANCE} Topic */
/**
 * @typedef {object} Notices
 * @property {Notice[]} questions the most important first
 * @property {Notice[]} words the one shown first
 */
/**
 * @typedef {{type: "add", notice: Notice}
 *   | {type: "answered", notice: Notice}
 *   | {type: "settled", topic: Topic}
 *   | {type: "passed"}} NoticeEvent
 */

/** Who hears nothing misses the meeting; who is not heard, their turn; the rest can wait. */
const IMPORTANCE = /** @type {const} */ ({
  sound: 6,
  floor: 5,
  microphone: 4,
  silence: 4,
  camera: 3,
  chair: 2,
  time: 1,
});
/** At seven seconds each, an older one says nothing that is still news. */
const MOST_WORDS = 4;

/** @returns {Notices} */
export function noNotices() {
  return { questions: [], words: [] };
}

/**
 * @param {Notices} notices
 * @param {NoticeEvent} event
 * @returns {Notices} the same object where nothing changed
 */
export function reduceNotices(notices, event) {
  switch (event.type) {
    case "add":
      return event.notice.answers?.length
        ? { ...notices, questions: asked(notices.questions, event.notice) }
        : { ...notices, words: said(notices.words, event.notice) };
    case "answered":
      return withQuestions(notices, (one) => one !== event.notice);
    case "settled":
      return withQuestions(notices, (one) => one.topic !== event.topic);
    default:
      return { ...notices, words: notices.words.slice(1) };
  }
}

/**
 * What is on the screen now.
 *
 * @param {Notices} notices
 * @returns {Notice[]}
 */
export function shown({ questions, words }) {
  return [...questions.slice(0, 1), ...words.slice(0, 1)];
}

/**
 * @param {Notice[]} questions
 * @param {Notice} notice
 */
function asked(questions, notice) {
  if (questions.some((one) => one.text === notice.text)) return questions;
  const others = questions.filter((one) => !isSame(one, notice));
  // The sort is stable: of equal importance, the first that came is the first to be answered.
  return [...others, notice].sort((a, b) => weight(b) - weight(a));
}

/**
 * @param {Notice[]} words
 * @param {Notice} notice
 */
function said(words, notice) {
  const [first, ...waiting] = words.filter((one, index) => index === 0 || !isSame(one, notice));
  if (!first) return [notice];
  if (first.text === notice.text) return [first, ...waiting];
  return [first, ...[...waiting, notice].slice(1 - MOST_WORDS)];
}

/**
 * @param {Notices} notices
 * @param {(one: Notice) => boolean} stays
 */
function withQuestions(notices, stays) {
  const questions = notices.questions.filter(stays);
  return questions.length === notices.questions.length ? notices : { ...notices, questions };
}

/** @param {Notice} a @param {Notice} b */
function isSame(a, b) {
  return a.text === b.text || (a.topic !== undefined && a.topic === b.topic);
}

/** @param {Notice} notice */
const weight = ({ topic }) => (topic ? IMPORTANCE[topic] : 0);
