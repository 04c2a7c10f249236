import { afterEach, expect, test, vi } from "vitest";
import { showZone, toLocalMoments } from "./local-moments.ts";

const saidAtMs = Date.UTC(2026, 10, 25, 14, 0);

afterEach(() => vi.unstubAllEnvs());

test("the scheduler's moments are shown in the zone of all the others, with its name", () => {
  vi.stubEnv("TZ", "Asia/Almaty");
  const said = "starts at 14:20 UTC; budget until 19:30 UTC, then 2026-11-26 03:10 UTC";
  expect(toLocalMoments(said, saidAtMs)).toBe(
    "starts at 19:20 UTC+5; budget until 2026-11-26 00:30 UTC+5, then 2026-11-26 08:10 UTC+5",
  );
  expect(toLocalMoments(toLocalMoments(said, saidAtMs), saidAtMs)).toBe(
    toLocalMoments(said, saidAtMs),
  );
});

test("a zone is named by its distance, as it is at that moment", () => {
  const zones = ["UTC", "Asia/Kolkata", "America/St_Johns"].map((zone) => {
    vi.stubEnv("TZ", zone);
    return showZone(saidAtMs);
  });
  expect(zones).toEqual(["UTC", "UTC+5:30", "UTC-3:30"]);
});
