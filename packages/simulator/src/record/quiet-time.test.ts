import { expect, test } from "vitest";
import { QuietTime } from "./quiet-time.ts";

test("equal stretches become one, others stay, and what is taken is gone", () => {
  const quiet = new QuietTime();
  const values = Float64Array.of(1, Number.NaN);
  quiet.push({ fromMs: 0, untilMs: 10, values });
  quiet.push({ fromMs: 10, untilMs: 30, values });
  values[0] = 2;
  quiet.push({ fromMs: 30, untilMs: 40, values });
  expect(quiet.take()).toEqual([
    { fromMs: 0, untilMs: 30, values: Float64Array.of(1, Number.NaN) },
    { fromMs: 30, untilMs: 40, values: Float64Array.of(2, Number.NaN) },
  ]);
  expect(quiet.take()).toEqual([]);
});
