import assert from "node:assert/strict";
import { test } from "node:test";

import { announce, PIECE_BYTES, Refused, send } from "../../web/static/js/papers/tus.js";

const reply = (status, more = {}) => ({ status, offset: null, location: "", code: "", message: "", ...more });
const said = (status, code, message) => reply(status, { code, message });
const at = (offset, status = 204) => reply(status, { offset });

/** A line that answers in turn; the last answer stays. */
function lineOf(...replies) {
  const line = { asked: [], paused: 0, took: 0, clock: 0 };
  line.now = () => line.clock;
  line.pause = async () => void (line.paused += 1);
  line.ask = async (method, _address, headers, body) => {
    line.asked.push([method, headers["Upload-Offset"], body?.size]);
    line.clock += line.took;
    const next = replies.length > 1 ? replies.shift() : replies[0];
    return typeof next === "function" ? next(method, Number(headers["Upload-Offset"]), body) : next;
  };
  return line;
}

const taking = (method, offset, body) => at(method === "HEAD" ? 0 : offset + body.size);
const file = new Blob([new Uint8Array(16 * 1024 * 1024)]);

test("what will not change is told at once", async () => {
  for (const code of ["too_many_papers", "cancelled"]) {
    const line = lineOf(said(409, code, "Không nhận."));
    const refused = (error) => error instanceof Refused && error.message === "Không nhận.";
    await assert.rejects(announce(line, "/", 10, {}), refused);
    assert.equal(line.paused, 0);
  }
});

test("a piece from another place, a broken line and a hub that is busy are tried again", async () => {
  const heard = [];
  const answers = [at(0, 200), said(409, "other_offset", "x"), reply(0), reply(429), reply(423), taking];
  const line = lineOf(...answers);
  await send(line, "/u", new Blob(["abc"]), { onWait: (words) => heard.push(words) });
  assert.deepEqual(heard, [""]); // of the line alone
  assert.equal(line.paused, 4);
});

test("a scanner that is away is told in its words, and not waited for without end", async () => {
  const heard = [];
  const away = said(503, "no_scanner", "Xin báo cán bộ kỹ thuật.");
  const line = lineOf(at(0, 200), away, reply(503));
  const refused = (error) => error instanceof Refused && error.message === away.message && error.status === 503;
  await assert.rejects(send(line, "/u", new Blob(["abc"]), { onWait: (words) => heard.push(words) }), refused);
  assert.deepEqual([...new Set(heard)], [away.message]);
  assert.equal(line.paused, 14);
});

test("a hub that is away is waited for as long as it takes", async () => {
  const line = lineOf(at(0, 200), ...new Array(100).fill(reply(502)), at(0, 200), taking);
  await send(line, "/u", new Blob(["abc"]));
  assert.equal(line.paused, 100);
});

test("a refusal without words is asked for them", async () => {
  const line = lineOf(reply(422), said(422, "paper_infected", "Có mã độc."));
  await assert.rejects(send(line, "/u", new Blob(["abc"])), (error) => error.message === "Có mã độc.");
  assert.deepEqual(line.asked, [["HEAD", undefined, undefined], ["PATCH", "3", 0]]);
  const gone = lineOf(reply(404));
  await assert.rejects(send(gone, "/u", new Blob(["abc"])), (error) => error.status === 404);
  assert.equal(gone.asked.length, 1);
});

test("pieces double on a wide line up to a limit, and stay small on a narrow one", async () => {
  const sizes = async (took) => {
    const line = lineOf(taking);
    line.took = took;
    await send(line, "/u", file);
    return line.asked.slice(1).map(([, , size]) => size / PIECE_BYTES);
  };
  assert.deepEqual((await sizes(50)).slice(0, 7), [1, 2, 4, 8, 16, 16, 16]);
  assert.ok((await sizes(8_000)).every((size) => size === 1));
});
