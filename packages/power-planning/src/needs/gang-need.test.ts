import { expect, test } from "vitest";
import { type GangSeen, neededCapWatts, seeGang } from "./gang-need.ts";

/** So many minutes of readings every ten seconds. */
function watched(
  minutes: number,
  capWatts: number,
  wattsAt: (minute: number) => number,
  from?: GangSeen,
): GangSeen {
  let seen = from;
  const startMs = from === undefined ? 0 : (from.minute + 1) * 60_000;
  for (let at = 0; at < minutes * 6; at += 1) {
    const atMs = startMs + at * 10_000;
    seen = seeGang(seen, { atMs, watts: wattsAt(Math.floor(at / 6)), capWatts });
  }
  if (seen === undefined) {
    throw new Error("nothing was read");
  }
  return seen;
}

test("a gang that draws little is known to need that and a margin, after twenty minutes", () => {
  expect(neededCapWatts(watched(19, 700, () => 400))).toBe(0);
  expect(neededCapWatts(watched(20, 700, () => 400))).toBe(460);
});

test("under a cap at its need it is not taken for held back", () => {
  const seen = watched(20, 700, () => 400);
  expect(neededCapWatts(watched(30, 460, () => 400, seen))).toBe(460);
});

test("one that meets its cap needs what it may have, until it has been free for twenty minutes", () => {
  // 4 % below its cap is what a capped GPU draws.
  const seen = watched(25, 460, (minute) => (minute === 3 ? 442 : 400));
  expect(neededCapWatts(watched(1, 460, () => 442, seen))).toBe(0);
  expect(neededCapWatts(watched(20, 700, () => 442, seen))).toBe(510);
});

test("a dip of minutes leaves the need where it was; a silence forgets it", () => {
  const seen = watched(20, 700, (minute) => (minute > 10 ? 90 : 400));
  expect(neededCapWatts(seen)).toBe(460);
  const later = seeGang(seen, { atMs: (seen.minute + 3) * 60_000, watts: 90, capWatts: 700 });
  expect(neededCapWatts(later)).toBe(0);
});
