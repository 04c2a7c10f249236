import { SiteInfo } from "@ertis/api";
import { expect, test } from "vitest";
import { showUnmeasured } from "./away.ts";

const nowMs = Date.UTC(2026, 10, 25, 12);

test("a site of which nothing was measured for a minute and a half is told so, unless its cluster is away", () => {
  const shown = (changes: Partial<SiteInfo>): string =>
    showUnmeasured(SiteInfo.fromPartial({ id: "hub", ...changes }), nowMs, { isUnicode: true });
  expect(shown({ measuredTimeMs: nowMs - 89_000 })).toBe("");
  expect(shown({ measuredTimeMs: nowMs - 90_000 })).toMatch(
    /^▲ hub: nothing is measured since \d\d:\d\d:\d\d; planned curtailments are held by bounds$/,
  );
  expect(shown({})).toContain("hub: nothing was measured yet;");
  expect(shown({ awaySinceTimeMs: nowMs - 100_000 })).toBe("");
});
