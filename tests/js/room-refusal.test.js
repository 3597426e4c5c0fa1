import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, mock, test } from "node:test";

import { askDoor, refusalOf } from "../../web/static/js/room/refusal.js";

/** @type {{ status: number, body: string } | null} null: the line breaks */
let told = null;
let asked = 0;
let page = "";
const server = createServer((request, response) => {
  asked += 1;
  if (told === null) return void request.socket.destroy();
  response.writeHead(told.status, { "Content-Type": "application/json", Connection: "close" });
  response.end(told.body);
});

/** @param {number} status @param {string} code */
const refused = (status, code) => ({ status, body: JSON.stringify({ code, detail: "không" }) });
const PROXY = { status: 502, body: "<h1>Bad Gateway</h1>" };
const AWAY = [null, PROXY, { ...PROXY, status: 503 }, refused(503, "unavailable"), refused(429, "too_many")];

before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  page = `http://127.0.0.1:${address.port}/j/x`;
});
after(() => server.close());

test("who refuses says why; a hub that is away refuses nobody", async () => {
  for (const answer of AWAY) {
    told = answer;
    assert.equal(await askDoor(page), null);
    assert.equal(await refusalOf(page), null);
  }
  told = refused(410, "gone");
  assert.deepEqual(await refusalOf(page), { type: "closed", reason: "revoked", message: "không", retry: false });
  told = { status: 200, body: "<p>the room</p>" };
  assert.equal(await askDoor(page), "open");
  assert.equal(await refusalOf(page), null);
});

test("the page before a door waits through a restart, and comes again once it hears otherwise", async () => {
  const reload = mock.fn();
  Object.assign(globalThis, {
    document: { querySelector: () => ({ getAttribute: () => "0" }) },
    location: { href: page, reload },
  });
  mock.timers.enable({ apis: ["setTimeout"] });
  await import("../../web/static/js/room/door.js");
  /** Let the page ask once, and take the answer in. @param {typeof told} answer */
  const round = async (answer) => {
    assert.equal(reload.mock.callCount(), 0, "gone before the answer was another one");
    told = answer;
    const before = asked;
    mock.timers.tick(5_000);
    while (asked === before) await new Promise((resolve) => setImmediate(resolve));
    await askDoor(page); // answers in turn: the page's own is in by now
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const answer of [...AWAY, refused(403, "too_early")]) await round(answer);
  await round(refused(403, "cancelled"));
  assert.equal(reload.mock.callCount(), 1);
  mock.timers.reset();
});
