/**
 * Which of a sender's encodings run. Pure.
 */

/**
 * The same encodings with those active that the hub wants; null if nothing changes.
 *
 * @param {RTCRtpEncodingParameters[]} encodings
 * @param {string[] | null} rids those to send; "" is the only one of a sender without simulcast;
 *   null sends all
 * @returns {RTCRtpEncodingParameters[] | null}
 */
export function withActive(encodings, rids) {
  const wanted = encodings.map(({ rid }) => rids === null || rids.includes(rid ?? ""));
  if (encodings.every(({ active }, index) => (active ?? true) === wanted[index])) return null;
  return encodings.map((encoding, index) => ({ ...encoding, active: wanted[index] }));
}
