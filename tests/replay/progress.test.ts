import { describe, expect, it } from "vitest";
import { createProgress, durationText, progressText } from "./progress.ts";

const step = { doneCount: 12_345, nowMs: Date.UTC(2017, 9, 9, 7, 1) };

function watchProgress(isTTY: boolean, momentsMs: readonly number[]): string[] {
  const written: string[] = [];
  let nowMs = 0;
  const output = { isTTY, write: (text: string) => written.push(text) };
  const progress = createProgress(output, 82_247, () => nowMs);
  for (const momentMs of momentsMs) {
    nowMs = momentMs;
    progress.report(step);
  }
  progress.finish();
  return written;
}

describe("progressText", () => {
  it("says how much is done, where the clock is, how fast it goes and how long it takes", () => {
    expect(progressText(step, 82_247, 40_000)).toBe(
      "12,345 of 82,247 jobs (15 %) · 2017-10-09 07:01 · 309 jobs/s · 3 min 46 s left",
    );
    expect(progressText({ ...step, doneCount: 0 }, 82_247, 0)).toContain("time left unknown");
    expect(progressText({ ...step, doneCount: 82_247 }, 82_247, 40_000)).toContain("the last jobs");
  });

  it("writes durations for people", () => {
    expect([900, 59_600, 226_000, 7_380_000].map(durationText)).toEqual([
      "1 s",
      "1 min 0 s",
      "3 min 46 s",
      "2 h 3 min",
    ]);
  });
});

describe("createProgress", () => {
  it("rewrites one line on a terminal, four times a second at most", () => {
    const written = watchProgress(true, [100, 250, 300, 500]);
    expect(written).toHaveLength(3);
    expect(written[0]?.startsWith("\rreplay: ")).toBe(true);
    // The rest of a longer line before is erased.
    expect(written[0]?.endsWith("\u001B[K")).toBe(true);
    expect(written.at(-1)).toBe("\n");
  });

  it("writes plain lines elsewhere, one in ten seconds", () => {
    const written = watchProgress(false, [250, 9_999, 10_000, 15_000, 20_000]);
    expect(written).toHaveLength(2);
    for (const line of written) {
      expect(line.startsWith("replay: ") && line.endsWith("s left\n")).toBe(true);
      expect(line.includes("\r") || line.includes("\u001B")).toBe(false);
    }
  });
});
